import Foundation
import NIOCore
import Testing

@testable import AWSAPI

@Suite("Compressed request bodies")
struct GzipBodyTests {
    /// `gzip.compress(b"hello " * 1000, mtime=0)` of Python.
    private static let sample: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xed, 0xc4, 0x31, 0x0d, 0x00, 0x00, 0x08, 0x03, 0x30, 0x2b, 0x98, 0x23,
        0xe1, 0x58, 0x82, 0xff, 0x0f, 0x11, 0xbc, 0xed, 0xd1, 0xe9, 0x64, 0x6b, 0x6c, 0xdb, 0xb6, 0x6d, 0xdb, 0xb6, 0x6d, 0xdb, 0xf6, 0xe3,
        0x03, 0xc1, 0x37, 0x0c, 0x40, 0x70, 0x17, 0x00, 0x00,
    ]

    @Test(
        "what is cut off, damaged or no gzip at all is refused",
        arguments: [[], [1, 2, 3], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]] as [[UInt8]])
    func refuses(_ bytes: [UInt8]) {
        #expect(throws: AWSError.self) { try GzipBody.unpacked(ByteBuffer(bytes: bytes), limit: 100) }
    }

    @Test("what is packed comes out, up to the limit")
    func unpacks() throws {
        let text = String(repeating: "hello ", count: 1000)
        let packed = ByteBuffer(bytes: Self.sample)
        #expect(try String(buffer: GzipBody.unpacked(packed, limit: 6000)) == text)
        #expect(throws: AWSError.self) { try GzipBody.unpacked(packed, limit: 5999) }
        #expect(throws: AWSError.self) { try GzipBody.unpacked(ByteBuffer(bytes: Self.sample.dropLast(9)), limit: 6000) }
    }
}
