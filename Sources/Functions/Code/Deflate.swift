import CZlib
import Foundation

/// What zlib does for zip files: raw deflate streams (RFC 1951) and their checksums.
enum Deflate {
    /// Deflate gives at most 1032 bytes for one (zlib's technical notes).
    private static let maxRatio = 1032

    /// - Parameter bytes: what comes out; a stream that gives more or less is refused.
    static func inflate(_ data: Data, bytes: Int, path: String) throws -> Data {
        // Before memory is taken for what cannot come out.
        guard bytes <= (data.count + 1) * Self.maxRatio else {
            throw ZipProblem("\(path) is damaged: it cannot be unpacked to the \(bytes) bytes that it should have")
        }
        var stream = z_stream()
        // Negative: no zlib header around it.
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw ZipProblem("\(path) cannot be unpacked: zlib does not start")
        }
        defer { inflateEnd(&stream) }
        // One byte more, so that a stream which gives more is found out.
        var output = Data(count: bytes + 1)
        let status = output.withUnsafeMutableBytes { output in
            data.withUnsafeBytes { input in
                // zlib only reads what next_in points at.
                stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.bindMemory(to: UInt8.self).baseAddress
                stream.avail_out = UInt32(output.count)
                return CZlib.inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == bytes else {
            throw ZipProblem("\(path) is damaged: it cannot be unpacked to the \(bytes) bytes that it should have")
        }
        return output.prefix(bytes)
    }

    static func crc(of data: Data) -> UInt32 {
        data.withUnsafeBytes { bytes in
            UInt32(truncatingIfNeeded: crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count)))
        }
    }
}
