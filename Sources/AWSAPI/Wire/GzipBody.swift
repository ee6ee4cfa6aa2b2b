internal import CZlib
internal import NIOCore

/// Request bodies that clients compress (`Content-Encoding: gzip`, RFC 1952), as newer ones do with long requests of CloudWatch.
enum GzipBody {
    private static let chunkBytes = 64 << 10

    /// What a body holds.
    ///
    /// - Throws: RequestEntityTooLargeException past `limit`, InvalidRequestException for what is not gzip.
    static func unpacked(_ body: ByteBuffer, limit: Int) throws(AWSError) -> ByteBuffer {
        var stream = z_stream()
        // 16 more than the window's bits: a gzip header is expected.
        guard inflateInit2_(&stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw .internalFailure("zlib does not start")
        }
        defer { inflateEnd(&stream) }
        var input = Array(body.readableBytesView)
        var output = ByteBuffer()
        var chunk = [UInt8](repeating: 0, count: Self.chunkBytes)
        var (read, status) = (0, Z_OK)
        while status == Z_OK {
            let (consumed, produced) = Self.step(&stream, &input, from: read, &chunk, &status)
            read += consumed
            output.writeBytes(chunk.prefix(produced))
            guard output.readableBytes <= limit else { throw .bodyTooLarge(limit: limit) }
            // Input that ends before its end gives nothing more.
            if status == Z_OK, consumed == 0, produced == 0 { break }
        }
        guard status == Z_STREAM_END else { throw .invalidRequest("The request body is not gzip, which its Content-Encoding says.") }
        return output
    }

    private static func step(
        _ stream: inout z_stream, _ input: inout [UInt8], from start: Int, _ output: inout [UInt8], _ status: inout Int32
    ) -> (consumed: Int, produced: Int) {
        let room = output.count
        let left = input.count - start
        status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress.map { $0 + start }
                stream.avail_in = UInt32(left)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(room)
                return inflate(&stream, Z_NO_FLUSH)
            }
        }
        if status == Z_BUF_ERROR { status = Z_OK }
        return (left - Int(stream.avail_in), room - Int(stream.avail_out))
    }
}
