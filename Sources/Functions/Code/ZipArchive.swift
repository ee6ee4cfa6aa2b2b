import Foundation

/// Why a zip cannot be used.
struct ZipProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// The directory of a zip file (PKWARE APPNOTE 6.3). Files are stored or deflated; encryption, zip64 and several volumes are refused.
struct ZipArchive {
    struct Entry: Sendable, Hashable {
        /// Relative, with slashes; one at its end names a folder.
        let path: String
        let method: UInt16
        let crc: UInt32
        let compressedBytes: Int
        let bytes: Int
        /// Where its local header begins.
        let offset: Int
        /// Unix's permission bits; nil when the zip was not made on Unix.
        let permissions: Int?

        var isFolder: Bool { self.path.hasSuffix("/") }
    }

    static let stored: UInt16 = 0
    static let deflated: UInt16 = 8

    let data: Data
    let entries: [Entry]

    /// - Throws: ``ZipProblem`` that names what is wrong, and where.
    init(_ data: Data, limits: FunctionLimits) throws {
        // Indices from 0, whatever it was cut out of.
        self.data = data.startIndex == 0 ? data : Data(data)
        let reader = ZipReader(data: self.data)
        let end = try reader.endOfDirectory()
        guard end.count <= limits.maxEntries else {
            throw ZipProblem("it has \(end.count) entries; \(limits.maxEntries) are the most")
        }
        var entries: [Entry] = []
        var offset = end.offset
        var total = 0
        var paths = Set<String>()
        for _ in 0..<end.count {
            let (entry, length) = try reader.entry(at: offset)
            offset += length
            total += entry.bytes
            guard total <= limits.maxUnpackedBytes else {
                throw ZipProblem("its files have more than \(limits.maxUnpackedBytes) bytes together")
            }
            guard paths.insert(entry.path).inserted else { throw ZipProblem("it has two files \(entry.path)") }
            entries.append(entry)
        }
        for entry in entries { try Self.checkPlace(of: entry, among: paths) }
        self.entries = entries
    }

    /// Nothing can lie below a file, or be a file and a folder.
    private static func checkPlace(of entry: Entry, among paths: Set<String>) throws {
        var path = entry.path[...]
        if entry.isFolder { path = path.dropLast() }
        if entry.isFolder, paths.contains(String(path)) { throw ZipProblem("\(path) is a file and a folder in it") }
        while let slash = path.lastIndex(of: "/") {
            path = path[..<slash]
            if paths.contains(String(path)) { throw ZipProblem("\(path) is a file and a folder in it") }
        }
    }

    /// The content of a file, checked against its CRC.
    func content(of entry: Entry) throws -> Data {
        let body = try ZipReader(data: self.data).body(of: entry)
        let content: Data
        switch entry.method {
        case Self.stored:
            guard entry.compressedBytes == entry.bytes else { throw ZipProblem("\(entry.path) is stored, but its two sizes differ") }
            content = body
        case Self.deflated: content = try Deflate.inflate(body, bytes: entry.bytes, path: entry.path)
        default: throw ZipProblem("\(entry.path) is compressed with method \(entry.method); only stored and deflated files are read")
        }
        guard Deflate.crc(of: content) == entry.crc else { throw ZipProblem("\(entry.path) is damaged: its checksum is another") }
        return content
    }
}

/// Reads the records of a zip file, none of which is trusted.
struct ZipReader {
    let data: Data

    private static let endSignature: UInt32 = 0x0605_4B50
    private static let entrySignature: UInt32 = 0x0201_4B50
    private static let localSignature: UInt32 = 0x0403_4B50
    private static let endBytes = 22
    private static let entryBytes = 46
    private static let localBytes = 30
    private static let maxCommentBytes = 65_535
    private static let unix: UInt16 = 3
    private static let fileTypeMask = 0o170_000
    private static let linkType = 0o120_000
    /// Below what file systems take, with the data folder before it.
    private static let maxPathBytes = 1024
    private static let maxDepth = 64

    func endOfDirectory() throws -> (count: Int, offset: Int) {
        let lowest = max(0, self.data.count - Self.endBytes - Self.maxCommentBytes)
        var place = self.data.count - Self.endBytes
        while place >= lowest {
            if try self.number32(place) == Self.endSignature { return try self.directory(at: place) }
            place -= 1
        }
        throw ZipProblem("it is no zip file: the end of its directory is missing")
    }

    private func directory(at place: Int) throws -> (count: Int, offset: Int) {
        guard try self.number16(place + 4) == 0, try self.number16(place + 6) == 0 else { throw ZipProblem("it is one volume of several") }
        let count = Int(try self.number16(place + 10))
        let offset = try self.number32(place + 16)
        guard count != 0xFFFF, offset != UInt32.max else { throw ZipProblem("it is in the zip64 format, which is not read") }
        return (count, Int(offset))
    }

    /// One entry of the directory, and the bytes that it takes there.
    func entry(at place: Int) throws -> (ZipArchive.Entry, length: Int) {
        guard try self.number32(place) == Self.entrySignature else { throw ZipProblem("its directory is damaged at byte \(place)") }
        let nameBytes = Int(try self.number16(place + 28))
        let length = Self.entryBytes + nameBytes + Int(try self.number16(place + 30)) + Int(try self.number16(place + 32))
        let name = try self.bytes(place + Self.entryBytes, nameBytes)
        guard let path = String(validating: name, as: UTF8.self) else { throw ZipProblem("a file's name is not UTF-8") }
        try Self.checkPath(path)
        guard try self.number16(place + 8) & 1 == 0 else { throw ZipProblem("\(path) is encrypted") }
        let isUnix = try self.number16(place + 4) >> 8 == Self.unix
        let mode = Int(try self.number32(place + 38) >> 16)
        if isUnix, mode & Self.fileTypeMask == Self.linkType { throw ZipProblem("\(path) is a symbolic link, which is not supported") }
        let sizes = (try self.number32(place + 20), try self.number32(place + 24), try self.number32(place + 42))
        guard sizes.0 != UInt32.max, sizes.1 != UInt32.max, sizes.2 != UInt32.max else {
            throw ZipProblem("\(path) is in the zip64 format, which is not read")
        }
        let entry = ZipArchive.Entry(
            path: path, method: try self.number16(place + 10), crc: try self.number32(place + 16), compressedBytes: Int(sizes.0),
            bytes: Int(sizes.1), offset: Int(sizes.2), permissions: isUnix && mode & 0o777 != 0 ? mode & 0o777 : nil)
        return (entry, length)
    }

    /// The bytes of a file as they lie there.
    func body(of entry: ZipArchive.Entry) throws -> Data {
        guard try self.number32(entry.offset) == Self.localSignature else {
            throw ZipProblem("\(entry.path) is not where the directory says")
        }
        let start =
            entry.offset + Self.localBytes + Int(try self.number16(entry.offset + 26)) + Int(try self.number16(entry.offset + 28))
        return try self.bytes(start, entry.compressedBytes)
    }

    /// A file must lie below the folder into which the zip is unpacked.
    private static func checkPath(_ path: String) throws {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let names = path.hasSuffix("/") ? parts.dropLast() : parts[...]
        let isSafe = !names.isEmpty && names.allSatisfy { !["", ".", ".."].contains($0) && !$0.contains("\\") && !$0.contains("\0") }
        guard isSafe else { throw ZipProblem("the path \(path.prefix(256)) does not lie inside of it") }
        let fits = path.utf8.count <= Self.maxPathBytes && names.count <= Self.maxDepth && names.allSatisfy { $0.utf8.count <= 255 }
        guard fits else { throw ZipProblem("the path \(path.prefix(256)) is too long or too deep") }
    }

    private func number16(_ place: Int) throws -> UInt16 {
        let bytes = try self.bytes(place, 2)
        return UInt16(bytes[bytes.startIndex]) | UInt16(bytes[bytes.startIndex + 1]) << 8
    }

    private func number32(_ place: Int) throws -> UInt32 {
        UInt32(try self.number16(place)) | UInt32(try self.number16(place + 2)) << 16
    }

    private func bytes(_ place: Int, _ count: Int) throws -> Data {
        guard place >= 0, count >= 0, place <= self.data.count, count <= self.data.count - place else {
            throw ZipProblem("it ends too early")
        }
        return self.data[place..<(place + count)]
    }
}
