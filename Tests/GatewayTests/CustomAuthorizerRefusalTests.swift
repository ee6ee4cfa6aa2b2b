import NIOCore
import Testing

@testable import Gateway

/// Finding the protocol level in what a client sends first.
struct CustomAuthorizerRefusalTests {
    private let connect: [UInt8] = [0x10, 0x10, 0, 4] + Array("MQTT".utf8) + [5, 2, 0, 60, 0, 0, 3] + Array("foo".utf8)

    @Test func everyPrefixIsIncompleteUntilTheLevel() {
        for count in 0..<8 {
            #expect(CustomAuthorizerRefusal.protocolLevel(ByteBuffer(bytes: self.connect.prefix(count))) == .incomplete)
        }
        for count in 9...self.connect.count {
            #expect(CustomAuthorizerRefusal.protocolLevel(ByteBuffer(bytes: self.connect.prefix(count))) == .level(5))
        }
    }

    @Test func theOldProtocolNameHasALevelToo() {
        let bytes: [UInt8] = [0x10, 0x12, 0, 6] + Array("MQIsdp".utf8) + [3]
        #expect(CustomAuthorizerRefusal.protocolLevel(ByteBuffer(bytes: bytes)) == .level(3))
    }

    @Test(arguments: [[0x30, 0], [0x10, 0xFF, 0xFF, 0xFF, 0xFF, 1], [0x10, 2, 0xFF, 0xFF]] as [[UInt8]])
    func anythingElseIsNoConnect(_ bytes: [UInt8]) {
        #expect(CustomAuthorizerRefusal.protocolLevel(ByteBuffer(bytes: bytes)) == .notConnect)
    }
}
