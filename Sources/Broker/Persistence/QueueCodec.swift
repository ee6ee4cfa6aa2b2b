/// How queued messages are written: a row holds a run of a session's messages, so that a commit costs one insert a session however many
/// messages came.
///
/// An entry is `sequence u64, flags u8, [identifier count u8, identifiers u32 …], body`; a body is `id i64` alone when it is shared by
/// several queues (it has a row of its own then), else the encoding of ``MessageBody``. Integers are big-endian.
enum QueueCodec {
    struct Entry: Sendable {
        var sequence: UInt64
        var qos: UInt8
        var isRetained: Bool
        var identifiers: [UInt32]
        var body: MessageBody
        var isShared: Bool
    }

    /// What a row gives back: the body is `nil` when it is to be looked up by its identifier.
    struct Stored: Sendable {
        var sequence: UInt64
        var qos: UInt8
        var isRetained: Bool
        var identifiers: [UInt32]
        var sharedID: Int64?
        var body: MessageBody?
    }

    static func encode(_ entries: ArraySlice<Entry>) -> [UInt8] {
        var out = ByteWriter(capacity: entries.reduce(0) { $0 + 64 + ($1.isShared ? 0 : $1.body.byteCount) })
        for entry in entries {
            out.write(entry.sequence)
            let count = min(entry.identifiers.count, 255)
            out.write(entry.qos | (entry.isRetained ? 4 : 0) | (entry.isShared ? 8 : 0) | (count > 0 ? 16 : 0))
            if count > 0 {
                out.write(UInt8(count))
                for identifier in entry.identifiers.prefix(count) { out.write(identifier) }
            }
            if entry.isShared { out.write(entry.body.id) } else { self.encode(entry.body, to: &out) }
        }
        return out.bytes
    }

    /// Hands over a run's messages one by one.
    ///
    /// - Returns: what is wrong with the run; what comes behind that is not handed over.
    static func decode(_ bytes: [UInt8], _ body: (Stored) -> Void) -> DamagedRow? {
        var reader = ByteReader(bytes)
        do {
            while !reader.isAtEnd { body(try self.decodeEntry(&reader)) }
            return nil
        } catch {
            return error
        }
    }

    private static func decodeEntry(_ reader: inout ByteReader) throws(DamagedRow) -> Stored {
        let sequence: UInt64 = try reader.read()
        let flags: UInt8 = try reader.read()
        var identifiers: [UInt32] = []
        if flags & 16 != 0 {
            let count: UInt8 = try reader.read()
            for _ in 0..<count { identifiers.append(try reader.read()) }
        }
        var stored = Stored(sequence: sequence, qos: flags & 3, isRetained: flags & 4 != 0, identifiers: identifiers)
        if flags & 8 != 0 { stored.sharedID = try reader.read() } else { stored.body = try self.decodeBody(&reader) }
        return stored
    }

    static func encode(_ body: MessageBody) -> [UInt8] {
        var out = ByteWriter(capacity: body.byteCount + 64)
        self.encode(body, to: &out)
        return out.bytes
    }

    private static func encode(_ body: MessageBody, to out: inout ByteWriter) {
        out.write(body.id)
        out.write(body.qos | (body.isRetained ? 4 : 0))
        out.write(body.expiresAt)
        out.write(body.publishedAt)
        out.write(body.publisher.utf8)
        body.withView { view in
            out.write(view.topic)
            out.write(UInt32(view.properties.count))
            out.write(view.properties)
            out.write(view.payload)
        }
    }

    static func decodeBody(_ bytes: [UInt8]) throws(DamagedRow) -> MessageBody {
        var reader = ByteReader(bytes)
        return try self.decodeBody(&reader)
    }

    private static func decodeBody(_ reader: inout ByteReader) throws(DamagedRow) -> MessageBody {
        let id: Int64 = try reader.read()
        let flags: UInt8 = try reader.read()
        let expiresAt: Int64 = try reader.read()
        let publishedAt: Int64 = try reader.read()
        let publisher = String(decoding: try reader.readBytes(), as: UTF8.self)
        let topic = try reader.readBytes()
        let properties = try reader.readBytes()
        let payload = try reader.readBytes()
        return topic.withUnsafeBytes { topic in
            properties.withUnsafeBytes { properties in
                payload.withUnsafeBytes { payload in
                    MessageBody(
                        id: id, topic: topic, properties: properties.isEmpty ? ForwardedProperties() : ForwardedProperties(properties),
                        payload: payload, qos: flags & 3, isRetained: flags & 4 != 0, expiresAt: expiresAt, publishedAt: publishedAt,
                        publisher: publisher)
                }
            }
        }
    }
}

/// A row that cannot be read.
struct DamagedRow: Error, Equatable, CustomStringConvertible {
    var what: String
    var description: String { "stored broker data is damaged: \(self.what)" }
}

struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    init(capacity: Int) { self.bytes.reserveCapacity(capacity) }

    mutating func write<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.bigEndian) { self.bytes.append(contentsOf: $0) }
    }

    /// With its length, at most 4 GiB.
    mutating func write(_ text: String.UTF8View) {
        self.write(UInt32(text.count))
        self.bytes.append(contentsOf: text)
    }

    mutating func write(_ raw: UnsafeRawBufferPointer) {
        self.write(UInt32(raw.count))
        self.bytes.append(contentsOf: raw)
    }

    /// Without its length.
    mutating func write(_ properties: ForwardedProperties) {
        let start = self.bytes.count
        self.bytes.append(contentsOf: repeatElement(0, count: properties.count))
        self.bytes.withUnsafeMutableBytes { raw in
            if let base = raw.baseAddress { properties.copy(to: base + start) }
        }
    }
}

struct ByteReader {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { self.offset == self.bytes.count }

    mutating func read<T: FixedWidthInteger>(_: T.Type = T.self) throws(DamagedRow) -> T {
        let size = MemoryLayout<T>.size
        guard self.offset + size <= self.bytes.count else { throw DamagedRow(what: "an entry ends early") }
        defer { self.offset += size }
        return self.bytes.withUnsafeBytes { T(bigEndian: $0.loadUnaligned(fromByteOffset: self.offset, as: T.self)) }
    }

    mutating func readBytes() throws(DamagedRow) -> ArraySlice<UInt8> {
        let count = Int(try self.read(UInt32.self))
        guard count <= self.bytes.count - self.offset else { throw DamagedRow(what: "a field is longer than its row") }
        defer { self.offset += count }
        return self.bytes[self.offset..<(self.offset + count)]
    }
}
