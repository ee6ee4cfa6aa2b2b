import CZlib
import Foundation

/// Archives with whatever fields a test wants.
struct ZipMaker {
    struct Entry {
        var path: String
        var content: [UInt8] = []
        /// Unix's mode; nil for an archive of another system.
        var mode: Int? = 0o100_755
        var method: UInt16 = 0
        /// What is stored; nil for the content.
        var stored: [UInt8]?
        var bytes: Int?
        var crc: UInt32?
        var offset: Int?
        var flags: UInt16 = 0
    }

    var entries: [Entry]
    /// What the end says.
    var count: Int?
    var comment: [UInt8] = []
    /// What stands before the first file.
    var prefix: [UInt8] = []

    init(_ entries: [Entry]) { self.entries = entries }

    init(_ files: [(String, String)]) { self.init(files.map { Entry(path: $0.0, content: Array($0.1.utf8)) }) }

    var data: Data {
        var data = Data(self.prefix)
        var directory = Data()
        for entry in self.entries {
            let path = Array(entry.path.utf8)
            let stored = entry.stored ?? entry.content
            let sizes = (stored.count, entry.bytes ?? entry.content.count)
            let crc = entry.crc ?? Self.crc(entry.content)
            let shared =
                Self.number(entry.flags) + Self.number(entry.method) + Self.number(UInt32(0)) + Self.number(crc)
                + Self.number(UInt32(sizes.0)) + Self.number(UInt32(sizes.1)) + Self.number(UInt16(path.count)) + Self.number(UInt16(0))
            let maker = UInt16(entry.mode == nil ? 20 : 3 << 8 | 20)
            directory += Self.number(UInt32(0x0201_4B50)) + Self.number(maker) + Self.number(UInt16(20))
            // No comment, the first volume, no internal attributes.
            directory += shared + [UInt8](repeating: 0, count: 6)
            directory += Self.number(UInt32(entry.mode ?? 0) << 16) + Self.number(UInt32(entry.offset ?? data.count)) + path
            data += Self.number(UInt32(0x0403_4B50)) + Self.number(UInt16(20)) + shared + path + stored
        }
        let offset = data.count
        let count = UInt16(self.count ?? self.entries.count)
        data += directory
        data += Self.number(UInt32(0x0605_4B50)) + Self.number(UInt32(0)) + Self.number(count) + Self.number(count)
        data += Self.number(UInt32(directory.count)) + Self.number(UInt32(offset)) + Self.number(UInt16(self.comment.count)) + self.comment
        return data
    }

    static func deflated(_ path: String, _ content: [UInt8]) -> Entry {
        Entry(path: path, content: content, method: 8, stored: Self.deflate(content))
    }

    private static func deflate(_ content: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = content
        var output = [UInt8](repeating: 0, count: content.count + 1024)
        input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                _ = CZlib.deflate(&stream, Z_FINISH)
            }
        }
        return Array(output.prefix(Int(stream.total_out)))
    }

    private static func crc(_ content: [UInt8]) -> UInt32 { UInt32(truncatingIfNeeded: crc32(0, content, UInt32(content.count))) }

    private static func number<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
