import AWSAPI
import Crypto
import Foundation
import HTTPTypes
import NIOCore

/// The checksums that an upload may carry (`x-amz-checksum-...`, `Content-MD5`): they are checked, kept and given back.
enum ObjectChecksum: String, CaseIterable {
    case crc32, crc32c, crc64nvme, sha1, sha256

    /// "x-amz-checksum-crc32".
    var header: String { "x-amz-checksum-\(self.rawValue)" }

    /// In base64.
    func text(of content: ByteBuffer) -> String {
        content.withUnsafeReadableBytes { bytes in
            switch self {
            case .crc32: Self.base64(CRC<UInt32>(polynomial: 0xEDB8_8320).checksum(bytes))
            case .crc32c: Self.base64(CRC<UInt32>(polynomial: 0x82F6_3B78).checksum(bytes))
            case .crc64nvme: Self.base64(CRC<UInt64>(polynomial: 0x9A6C_9329_AC4B_C9B5).checksum(bytes))
            case .sha1: Data(Insecure.SHA1.hash(data: bytes)).base64EncodedString()
            case .sha256: Data(SHA256.hash(data: bytes)).base64EncodedString()
            }
        }
    }

    private static func base64(_ value: some FixedWidthInteger) -> String {
        withUnsafeBytes(of: value.bigEndian) { Data($0) }.base64EncodedString()
    }

    /// Checks what a request says of its body.
    ///
    /// - Returns: the checksums, to be kept.
    static func check(_ content: ByteBuffer, _ headers: HTTPFields) throws -> [(name: String, value: String)] {
        if let name = HTTPField.Name("content-md5"), let digest = headers[name] {
            let found = content.withUnsafeReadableBytes { Data(Insecure.MD5.hash(data: $0)).base64EncodedString() }
            guard found == digest else { throw S3Error.badDigest("Content-MD5") }
        }
        var kept: [(name: String, value: String)] = []
        for checksum in Self.allCases {
            guard let name = HTTPField.Name(checksum.header), let value = headers[name] else { continue }
            guard checksum.text(of: content) == value else { throw S3Error.badDigest(checksum.rawValue.uppercased()) }
            kept.append((checksum.header, value))
        }
        return kept
    }
}

/// A cyclic redundancy check, bits reflected, all ones at the start and inverted at the end, as CRC-32, CRC-32C and CRC-64/NVME are.
struct CRC<Value: FixedWidthInteger & UnsignedInteger> {
    private let table: [Value]

    /// - Parameter polynomial: reflected.
    init(polynomial: Value) {
        self.table = (0..<256).map { byte in
            (0..<8).reduce(Value(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ polynomial : value >> 1 }
        }
    }

    func checksum(_ bytes: UnsafeRawBufferPointer) -> Value {
        ~bytes.reduce(Value.max) { value, byte in self.table[Int(truncatingIfNeeded: value ^ Value(byte)) & 0xFF] ^ value >> 8 }
    }
}
