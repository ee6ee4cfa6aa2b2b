/// Messages of one event loop on their way to services that work on other threads (``ServiceInbox``).
///
/// Their bytes lie one after the other in one array, and what neighbours have in common is there once: a message costs the loop a copy
/// and a record, not objects of its own that two threads would count references of.
///
/// `@unchecked`: receipts are only carried about, and touched on the loop that made them.
package struct ServiceBatch: @unchecked Sendable {
    /// One message, as a service sees it.
    package struct Message {
        package let topic: String
        package let payload: [UInt8]
        /// The forwarded properties in MQTT 5.0 encoding, without their length.
        package let propertyBytes: ArraySlice<UInt8>
        package let qos: UInt8
        /// Milliseconds since 1970 when it was accepted.
        package let publishedAt: Int64
        /// The client id of who published it. Empty for services.
        package let publisher: String
        /// Nil for a message of the platform itself.
        package let origin: MessageOrigin?
        package let receivers: [any GatheredSubscriber]
        /// To be finished once for each receiver, with ``Broker/finish(_:stored:)``. `nil` for QoS 0, which nobody waits for.
        package let receipt: ServiceReceipt?
    }

    private struct Source {
        let publisher: String
        let origin: MessageOrigin?
        let publishedAt: Int64
    }

    private struct Record {
        let topicCount: Int
        let propertiesCount: Int
        let payloadCount: Int
        /// Places in ``ServiceBatch/receivers`` and ``ServiceBatch/sources``.
        let receivers: Int
        let source: Int
        let qos: UInt8
        let receipt: PublishReceipt?
    }

    private let shard: Shard
    private var bytes: [UInt8] = []
    private var records: [Record] = []
    private var receivers: [[any GatheredSubscriber]] = []
    private var sources: [Source] = []
    /// Messages, each counted once for each of its receivers.
    package private(set) var deliveryCount = 0

    /// - Parameter other: one whose size this one is likely to have.
    init(for shard: Shard, like other: ServiceBatch? = nil) {
        self.shard = shard
        guard let other else { return }
        self.bytes.reserveCapacity(other.bytes.count)
        self.records.reserveCapacity(other.records.count)
    }

    package var isEmpty: Bool { self.records.isEmpty }
    /// Of topics, properties and payloads.
    package var byteCount: Int { self.bytes.count }

    // MARK: Gathering

    mutating func append(receivers: [any GatheredSubscriber]) { self.receivers.append(receivers) }

    mutating func append(publisher: String, origin: MessageOrigin?) {
        self.sources.append(Source(publisher: publisher, origin: origin, publishedAt: wallMilliseconds()))
    }

    /// Adds a message from the last source for the last receivers.
    @inline(__always)
    mutating func append(_ publication: inout Publication) {
        guard let receivers = self.receivers.last else { return }
        let view = publication.view
        self.bytes.append(contentsOf: view.topic)
        view.properties.append(to: &self.bytes)
        self.bytes.append(contentsOf: view.payload)
        let receipt = publication.expectReceipt(receivers.count)
        self.records.append(
            Record(
                topicCount: view.topic.count, propertiesCount: view.properties.count, payloadCount: view.payload.count,
                receivers: self.receivers.count - 1, source: self.sources.count - 1, qos: publication.qos, receipt: receipt))
        self.deliveryCount += receivers.count
    }

    // MARK: Receiving

    /// In the order in which they were published.
    package func forEach(_ body: (Message) -> Void) {
        var offset = 0
        for record in self.records {
            body(self.message(record, at: offset))
            offset += record.topicCount + record.propertiesCount + record.payloadCount
        }
    }

    private func message(_ record: Record, at offset: Int) -> Message {
        let properties = offset + record.topicCount
        let payload = properties + record.propertiesCount
        let source = self.sources[record.source]
        return Message(
            topic: String(decoding: self.bytes[offset..<properties], as: UTF8.self),
            payload: Array(self.bytes[payload..<(payload + record.payloadCount)]), propertyBytes: self.bytes[properties..<payload],
            qos: record.qos, publishedAt: source.publishedAt, publisher: source.publisher, origin: source.origin,
            receivers: self.receivers[record.receivers], receipt: record.receipt.map { ServiceReceipt($0, shard: self.shard) })
    }
}
