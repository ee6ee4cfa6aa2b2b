/// An application message as it is kept: one copy however many sessions wait for it. Immutable, so loops share it.
package final class MessageBody: Sendable {
    /// Topic, forwarded properties and payload, one after the other: one allocation for the three.
    private let storage: [UInt8]
    private let topicCount: Int
    private let propertiesCount: Int
    /// Unique in the data folder.
    let id: Int64
    package let qos: UInt8
    /// The RETAIN flag as the publisher set it.
    package let isRetained: Bool
    /// Milliseconds since 1970 at which it expires, 0 for never.
    let expiresAt: Int64
    /// Milliseconds since 1970 when it was accepted.
    package let publishedAt: Int64
    /// The client id of who published it, for subscriptions with No Local. Empty for services.
    package let publisher: String

    init(
        id: Int64, topic: UnsafeRawBufferPointer, properties: ForwardedProperties, payload: UnsafeRawBufferPointer, qos: UInt8,
        isRetained: Bool, expiresAt: Int64, publishedAt: Int64, publisher: String
    ) {
        let total = topic.count + properties.count + payload.count
        self.storage = [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            count = total
            guard total > 0, let base = buffer.baseAddress.map({ UnsafeMutableRawPointer($0) }) else { return }
            if let start = topic.baseAddress { base.copyMemory(from: start, byteCount: topic.count) }
            properties.copy(to: base + topic.count)
            if let start = payload.baseAddress {
                (base + topic.count + properties.count).copyMemory(from: start, byteCount: payload.count)
            }
        }
        self.topicCount = topic.count
        self.propertiesCount = properties.count
        self.id = id
        self.qos = qos
        self.isRetained = isRetained
        self.expiresAt = expiresAt
        self.publishedAt = publishedAt
        self.publisher = publisher
    }

    /// In the place of one whose row is gone.
    static let lost = MessageBody(
        id: 0, topic: UnsafeRawBufferPointer(start: nil, count: 0), properties: ForwardedProperties(),
        payload: UnsafeRawBufferPointer(start: nil, count: 0), qos: 0, isRetained: false, expiresAt: 0, publishedAt: 0, publisher: "")

    /// Bytes that count against a queue's limit.
    var byteCount: Int { self.storage.count }
    package var payloadCount: Int { self.storage.count - self.topicCount - self.propertiesCount }
    package var topic: String { String(decoding: self.storage[..<self.topicCount], as: UTF8.self) }
    package var payload: ArraySlice<UInt8> { self.storage[(self.topicCount + self.propertiesCount)...] }
    /// The forwarded properties in MQTT 5.0 encoding, without their length.
    package var propertyBytes: ArraySlice<UInt8> { self.storage[self.topicCount..<(self.topicCount + self.propertiesCount)] }

    func isExpired(at now: Int64) -> Bool { self.expiresAt != 0 && self.expiresAt <= now }

    @inline(__always)
    func withView<R>(_ body: (MessageView) throws -> R) rethrows -> R {
        try self.storage.withUnsafeBytes { bytes in
            let properties = UnsafeRawBufferPointer(rebasing: bytes[self.topicCount..<(self.topicCount + self.propertiesCount)])
            return try body(
                MessageView(
                    topic: UnsafeRawBufferPointer(rebasing: bytes[..<self.topicCount]),
                    properties: self.propertiesCount == 0 ? ForwardedProperties() : ForwardedProperties(properties),
                    payload: UnsafeRawBufferPointer(rebasing: bytes[(self.topicCount + self.propertiesCount)...]),
                    expiresAt: self.expiresAt))
        }
    }
}

/// What is needed to write a message to a connection; the bytes belong to somebody else and are valid only during a call.
struct MessageView {
    var topic: UnsafeRawBufferPointer
    var properties: ForwardedProperties
    var payload: UnsafeRawBufferPointer
    /// Milliseconds since 1970, 0 for never.
    var expiresAt: Int64
}
