import Broker
import NIOCore
import Testing

@testable import roost

@Suite("Packets that the MQTT client reads")
struct ServerPacketTests {
    static let maxBytes = 1000

    static func read(_ bytes: [UInt8]) throws -> (packet: ServerPacket?, left: Int) {
        var buffer = ByteBuffer(bytes: bytes)
        let packet = try ServerPacketDecoder.packet(from: &buffer, maxBytes: Self.maxBytes)
        return (packet, buffer.readableBytes)
    }

    static let golden: [([UInt8], ServerPacket)] = [
        ([0x20, 3, 0, 0, 0], .connack(.success, reason: nil, keepAliveSeconds: nil)),
        (
            [0x20, 14, 0, 0, 11, 0x13, 0, 30, 0x22, 0, 8, 0x25, 1, 0x1F, 0, 0],
            .connack(.success, reason: "", keepAliveSeconds: 30)
        ),
        ([0x20, 8, 0, 0x87, 5, 0x1F, 0, 2, 0x6E, 0x6F], .connack(.notAuthorized, reason: "no", keepAliveSeconds: nil)),
        // As a server of 3.1.1 refuses version 5.
        ([0x20, 2, 0, 1], .connack(ReasonCode(rawValue: 1), reason: nil, keepAliveSeconds: nil)),
        (
            [0x30, 6, 0, 1, 0x74, 0, 0x68, 0x69],
            .publish(MQTTMessage(topic: "t", payload: ByteBuffer(string: "hi")), packetID: nil)
        ),
        (
            [0x3B, 18, 0, 1, 0x74, 1, 2, 12, 0x26, 0, 1, 0x61, 0, 1, 0x62, 0x0B, 0x81, 0x01, 0x01, 0],
            .publish(MQTTMessage(topic: "t", payload: ByteBuffer()), packetID: 258)
        ),
        ([0x90, 5, 0, 9, 0, 1, 0x87], .suback(packetID: 9, codes: [.grantedQoS1, .notAuthorized])),
        ([0xD0, 0], .pingresp),
        ([0xE0, 0], .disconnect(.success, reason: nil)),
        ([0xE0, 1, 0x8B], .disconnect(.serverShuttingDown, reason: nil)),
        ([0xE0, 5, 0x8E, 3, 0x1F, 0, 0], .disconnect(.sessionTakenOver, reason: "")),
    ]

    @Test("have the meaning that the specification gives them", arguments: golden)
    func meaning(bytes: [UInt8], expected: ServerPacket) throws {
        let (packet, left) = try Self.read(bytes + [0xAA])
        #expect(packet == expected)
        #expect(left == 1)
    }

    @Test("wait for their last byte", arguments: golden)
    func drip(bytes: [UInt8], expected: ServerPacket) throws {
        for count in 0..<bytes.count {
            let (packet, left) = try Self.read(Array(bytes.prefix(count)))
            #expect(packet == nil)
            #expect(left == count)
        }
    }

    static let malformed: [[UInt8]] = [
        // A client's packets, and reserved types and flags.
        [0x10, 0], [0x82, 0], [0xC0, 0], [0x00, 0], [0xF0, 0], [0x21, 3, 0, 0, 0], [0xD1, 0],
        // Too short for what they must have.
        [0x20, 1, 0], [0x90, 1, 0], [0x30, 1, 0], [0x32, 3, 0, 1, 0x74], [0x32, 5, 0, 1, 0x74, 0, 1],
        // No topic, QoS 2 and 3, packet id 0, text that is not UTF-8.
        [0x30, 3, 0, 0, 0], [0x34, 6, 0, 1, 0x74, 0, 1, 0], [0x36, 6, 0, 1, 0x74, 0, 1, 0], [0x32, 6, 0, 1, 0x74, 0, 0, 0],
        [0x30, 4, 0, 1, 0xFF, 0],
        // Properties that end early, one that is unknown.
        [0x20, 3, 0, 0, 5], [0x20, 4, 0, 0, 1, 0x13], [0x20, 4, 0, 0, 1, 0x7F], [0x20, 6, 0, 0, 3, 0x1F, 0, 9],
        // A length of five bytes, one over the limit.
        [0x30, 0x80, 0x80, 0x80, 0x80, 1], [0x30, 0xE9, 0x07],
    ]

    @Test("that are malformed are errors", arguments: malformed)
    func refused(bytes: [UInt8]) {
        #expect(throws: MQTTClientError.self) { _ = try Self.read(bytes) }
    }

    @Test("made of noise are packets, errors or unfinished")
    func noise() {
        var random = Generator(state: 1)
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 1...40, using: &random)).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            _ = try? Self.read(bytes)
            // The same with a length that fits, so that the body is looked at.
            if bytes.count > 2 { _ = try? Self.read([bytes[0], UInt8(bytes.count - 2)] + bytes.dropFirst(2)) }
        }
    }

    /// SplitMix64: the same noise on every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            self.state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = self.state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }
}
