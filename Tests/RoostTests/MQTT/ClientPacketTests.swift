import NIOCore
import Testing

@testable import roost

@Suite("Packets that the MQTT client sends")
struct ClientPacketTests {
    static let golden: [(ClientPacket, [UInt8])] = [
        (
            .connect(clientID: "ab", keepAliveSeconds: 60, receiveMaximum: 32, maxPacketBytes: 0x0080_0000),
            [
                0x10, 23, 0, 4, 0x4D, 0x51, 0x54, 0x54, 5, 2, 0, 60, 8, 0x21, 0, 32, 0x27, 0, 0x80, 0, 0, 0, 2, 0x61, 0x62,
            ]
        ),
        (.subscribe(packetID: 258, filters: ["a", "b/c"]), [0x82, 13, 1, 2, 0, 0, 1, 0x61, 1, 0, 3, 0x62, 0x2F, 0x63, 1]),
        (.puback(packetID: 7), [0x40, 2, 0, 7]),
        (.pingreq, [0xC0, 0]),
        (.disconnect, [0xE0, 0]),
    ]

    @Test("have the bytes of the specification", arguments: golden)
    func bytes(packet: ClientPacket, expected: [UInt8]) {
        var buffer = ByteBuffer()
        packet.write(into: &buffer)
        #expect(Array(buffer.readableBytesView) == expected)
    }

    @Test("have a length of several bytes when they are long")
    func longPacket() {
        var buffer = ByteBuffer()
        ClientPacket.subscribe(packetID: 1, filters: [String(repeating: "x", count: 200)]).write(into: &buffer)
        // 2 + 1 + 2 + 200 + 1 = 206 = 78 + 1 × 128.
        #expect(Array(buffer.readableBytesView.prefix(3)) == [0x82, 78 | 0x80, 1])
        #expect(buffer.readableBytes == 3 + 206)
    }
}
