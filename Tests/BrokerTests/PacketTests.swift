import Testing

@testable import Broker

@Suite struct PacketTests {
    private static let connect: [UInt8] = [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 60, 0, 0, 1, 0x61]

    @Test func minimalConnect() throws {
        let packet = try Self.connect.withUnsafeBytes { try ConnectPacket.read($0, profile: .open) }
        #expect(packet.version == 5)
        #expect(packet.isCleanStart)
        #expect(packet.keepAliveSeconds == 60)
        #expect(packet.clientID == "a")
        #expect(packet.sessionExpiry == 0)
        #expect(packet.receiveMaximum == 65_535)
    }

    /// Every shorter form of a packet is malformed, whatever the field in which it ends, and none is read past its end.
    @Test func truncatedConnects() {
        let will: [UInt8] = [
            0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0xC6, 0, 60, 5, 0x11, 0, 0, 0, 9, 0, 1, 0x61, 5, 0x18, 0, 0, 0, 1, 0, 1, 0x74, 0, 1, 0x70, 0,
            1, 0x75, 0, 1, 0x77,
        ]
        #expect(throws: Never.self) { try will.withUnsafeBytes { _ = try ConnectPacket.read($0, profile: .open) } }
        for n in 0..<will.count {
            _ = will[..<n].withUnsafeBytes { raw in
                #expect(throws: WireError.self, "\(n) bytes") { _ = try ConnectPacket.read(raw, profile: .open) }
            }
        }
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var what: String
        var code: ReasonCode
        var bytes: [UInt8]
        var testDescription: String { self.what }
    }

    @Test(arguments: [
        Bad(what: "reserved flag", code: .malformedPacket, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x03, 0, 0, 0, 0, 0]),
        Bad(what: "will QoS 3", code: .malformedPacket, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x1E, 0, 0, 0, 0, 0]),
        Bad(what: "will QoS without will", code: .malformedPacket, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x0A, 0, 0, 0, 0, 0]),
        Bad(what: "version 6", code: .unsupportedProtocolVersion, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 6, 0x02, 0, 0, 0, 0, 0]),
        Bad(what: "other protocol", code: .unsupportedProtocolVersion, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x55, 5, 0x02, 0, 0, 0, 0, 0]),
        Bad(what: "3.1.1 password alone", code: .malformedPacket, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 0x42, 0, 0, 0, 0, 0, 0]),
        Bad(
            what: "repeated property", code: .protocolError,
            bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 6, 0x21, 0, 1, 0x21, 0, 1, 0, 0]),
        Bad(
            what: "receive maximum 0", code: .protocolError, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 3, 0x21, 0, 0, 0, 0]),
        Bad(
            what: "property of PUBLISH", code: .protocolError, bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 3, 0x23, 0, 1, 0, 0]),
        Bad(
            what: "authentication data alone", code: .protocolError,
            bytes: [0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 0x02, 0, 0, 4, 0x16, 0, 1, 0, 0, 0]),
        Bad(what: "bytes too many", code: .malformedPacket, bytes: PacketTests.connect + [0]),
    ])
    func badConnects(_ bad: Bad) {
        let error = #expect(throws: WireError.self) {
            try bad.bytes.withUnsafeBytes { _ = try ConnectPacket.read($0, profile: .open) }
        }
        #expect(error?.code == bad.code)
    }

    /// A subscriber sees the forwarded properties in their order, without the alias and the expiry that were between them.
    @Test func forwardedPropertiesSkipAliasAndExpiry() throws {
        let properties: [UInt8] = [
            0x26, 0, 1, 0x61, 0, 1, 0x31, 0x23, 0, 5, 0x03, 0, 1, 0x74, 0x02, 0, 0, 0, 9, 0x26, 0, 1, 0x62, 0, 1, 0x32,
        ]
        let body: [UInt8] = [0, 1, 0x74, UInt8(properties.count)] + properties + [0x70]
        try body.withUnsafeBytes { raw in
            let packet = try PublishPacket.read(first: 0x30, raw, version: 5)
            #expect(packet.properties.topicAlias == 5)
            #expect(packet.properties.messageExpiry == 9)
            var copy = [UInt8](repeating: 0, count: packet.properties.forwarded.count)
            copy.withUnsafeMutableBytes { if let base = $0.baseAddress { packet.properties.forwarded.copy(to: base) } }
            #expect(copy == [0x26, 0, 1, 0x61, 0, 1, 0x31, 0x03, 0, 1, 0x74, 0x26, 0, 1, 0x62, 0, 1, 0x32])
            #expect(Array(packet.payload) == [0x70])
        }
    }

    @Test(
        arguments: [
            (0x36, [0, 1, 0x74, 0, 1]), (0x38, [0, 1, 0x74]), (0x32, [0, 1, 0x74, 0, 0]), (0x32, [0, 1, 0x74]), (0x30, [0, 2, 0x74]),
        ] as [(UInt8, [UInt8])])
    func badPublishes(_ first: UInt8, _ body: [UInt8]) {
        _ = body.withUnsafeBytes { raw in
            #expect(throws: WireError.self) { _ = try PublishPacket.read(first: first, raw, version: 4) }
        }
    }

    @Test(
        arguments: [
            [0, 1], [0, 0, 0, 1, 0x61, 0], [0, 1, 0, 1, 0x61, 3], [0, 1, 0, 1, 0x61, 0x80], [0, 1, 0, 1, 0x61], [0, 1, 0, 5, 0x61, 0],
        ] as [[UInt8]])
    func badSubscribes(_ body: [UInt8]) {
        _ = body.withUnsafeBytes { raw in
            #expect(throws: WireError.self) { _ = try SubscribePacket.read(raw, version: 4, profile: .open) }
        }
    }

    @Test func fixedHeaders() throws {
        func read(_ bytes: [UInt8]) throws -> FixedHeader? { try bytes.withUnsafeBytes { try FixedHeader.read($0, at: 0) } }
        #expect(try read([0xC0]) == nil)
        #expect(try read([0xC0, 0x80]) == nil)
        #expect(try read([0xC0, 0x00])?.remaining == 0)
        #expect(try read([0x30, 0xFF, 0xFF, 0xFF, 0x7F])?.remaining == 268_435_455)
        #expect(throws: WireError.self) { try read([0x30, 0xFF, 0xFF, 0xFF, 0xFF]) }
        #expect(throws: WireError.self) { try read([0x30, 0x80, 0x00]) }
    }
}
