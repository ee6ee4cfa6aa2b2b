import Testing

@testable import Rules

@Suite("A message as the journal keeps it")
struct RuleMessageTests {
    private static func message() -> RuleMessage {
        RuleMessage(
            sql: SQLMessage(
                topic: "a/ü", payload: [0, 255, 10], clientID: "c", principal: "p", sourceIP: "::1", traceID: "t", accountID: "1",
                timestampMilliseconds: 1_700_000_000_123,
                properties: .init(
                    contentType: "text/plain", responseTopic: "r", correlationData: [1, 0], isUTF8Payload: true,
                    userProperties: [.init(key: "k", value: "v"), .init(key: "k", value: "w")])),
            depth: 3, isKept: true)
    }

    @Test("what is written is read")
    func roundTrip() throws {
        let bytes = Self.message().encoded()
        let read = try #require(RuleMessage(decoding: bytes))
        #expect((read.sql.topic, read.sql.payload, read.sql.clientID) == ("a/ü", [0, 255, 10], "c"))
        #expect((read.sql.principal, read.sql.sourceIP, read.sql.traceID) == ("p", "::1", "t"))
        #expect((read.sql.timestampMilliseconds, read.depth, read.isKept) == (1_700_000_000_123, 3, true))
        #expect((read.sql.properties.contentType, read.sql.properties.responseTopic) == ("text/plain", "r"))
        #expect(read.sql.properties.correlationData.map(Array.init) == [1, 0])
        #expect(read.sql.properties.userProperties.map(\.value) == ["v", "w"])
        #expect(read.encoded() == bytes)
    }

    @Test("what is absent stays absent")
    func bare() throws {
        let sql = SQLMessage(
            topic: "t", payload: [], clientID: nil, principal: nil, sourceIP: nil, traceID: nil, accountID: "1",
            timestampMilliseconds: 0, properties: .init())
        let read = try #require(RuleMessage(decoding: RuleMessage(sql: sql, depth: 0, isKept: true).encoded()))
        #expect((read.sql.clientID, read.sql.principal, read.sql.sourceIP, read.sql.traceID) == (nil, nil, nil, nil))
        #expect(read.sql.payload.isEmpty)
    }

    @Test("damaged bytes are no message, or one, and never a trap")
    func damaged() {
        let bytes = Self.message().encoded()
        for count in 0..<bytes.count { #expect(RuleMessage(decoding: Array(bytes[..<count])) == nil) }
        for place in bytes.indices {
            var damaged = bytes
            damaged[place] ^= 0x15
            _ = RuleMessage(decoding: damaged)
        }
    }
}
