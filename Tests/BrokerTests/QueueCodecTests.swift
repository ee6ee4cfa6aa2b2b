import Testing

@testable import Broker

@Suite struct QueueCodecTests {
    private func body(_ id: Int64, payload: [UInt8] = [1, 2, 3], properties: [UInt8] = [0x01, 1]) -> MessageBody {
        "größe/x".utf8.withContiguousStorageIfAvailable { topic in
            properties.withUnsafeBytes { properties in
                payload.withUnsafeBytes { payload in
                    MessageBody(
                        id: id, topic: UnsafeRawBufferPointer(topic), properties: ForwardedProperties(properties), payload: payload, qos: 2,
                        isRetained: true, expiresAt: 77, publishedAt: 5, publisher: "pub")
                }
            }
        }
            ?? MessageBody(
                id: id, topic: .init(start: nil, count: 0), properties: ForwardedProperties(), payload: .init(start: nil, count: 0), qos: 0,
                isRetained: false, expiresAt: 0, publishedAt: 0, publisher: "")
    }

    @Test func rowsComeBackAsTheyWere() throws {
        let entries = [
            QueueCodec.Entry(sequence: 1, qos: 1, isRetained: false, identifiers: [], body: self.body(10), isShared: false),
            QueueCodec.Entry(sequence: 9, qos: 2, isRetained: true, identifiers: [1, 268_435_455], body: self.body(11), isShared: true),
            QueueCodec.Entry(
                sequence: .max, qos: 1, isRetained: false, identifiers: [3], body: self.body(12, payload: [], properties: []),
                isShared: false),
        ]
        var stored: [QueueCodec.Stored] = []
        #expect(QueueCodec.decode(QueueCodec.encode(entries[...])) { stored.append($0) } == nil)
        #expect(stored.map(\.sequence) == [1, 9, .max])
        #expect(stored.map(\.qos) == [1, 2, 1])
        #expect(stored.map(\.isRetained) == [false, true, false])
        #expect(stored.map(\.identifiers) == [[], [1, 268_435_455], [3]])
        #expect(stored[1].sharedID == 11 && stored[1].body == nil)
        let first = try #require(stored[0].body)
        #expect(first.topic == "größe/x" && Array(first.payload) == [1, 2, 3] && Array(first.propertyBytes) == [0x01, 1])
        #expect(first.id == 10 && first.qos == 2 && first.isRetained && first.expiresAt == 77 && first.publisher == "pub")
        #expect(stored[2].body?.payloadCount == 0)
    }

    /// A damaged row is an error, never a trap.
    @Test func damagedRows() {
        let good = QueueCodec.encode(
            [QueueCodec.Entry(sequence: 1, qos: 1, isRetained: false, identifiers: [4], body: self.body(10), isShared: false)][...])
        for n in 1..<good.count { #expect(QueueCodec.decode(Array(good[..<n])) { _ in } != nil, "\(n)") }
        var generator = SplitMix(seed: 5)
        for _ in 0..<5000 {
            var bytes = good
            for _ in 0..<3 { bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator) }
            _ = QueueCodec.decode(bytes) { _ in }
        }
    }
}
