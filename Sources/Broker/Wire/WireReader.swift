/// Reads the fields of one control packet whose bytes are all there: running out of them is a malformed packet.
///
/// The pointer is valid only while the packet is handled; what is kept must be copied.
struct WireReader {
    private let base: UnsafeRawPointer?
    private var offset = 0
    private let count: Int

    init(_ bytes: UnsafeRawBufferPointer) {
        self.base = bytes.baseAddress
        self.count = bytes.count
    }

    /// Bytes that have been read.
    var position: Int { self.offset }

    /// The bytes read since `start`.
    func slice(from start: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: self.base.map { $0 + start }, count: self.offset - start)
    }

    /// Bytes that have not been read.
    var remaining: Int { self.count - self.offset }

    @inline(__always)
    private mutating func take(_ length: Int) throws(WireError) -> UnsafeRawPointer {
        guard length <= self.count - self.offset, let base = self.base else { throw .malformed("packet ends inside a field") }
        defer { self.offset += length }
        return base + self.offset
    }

    @inline(__always)
    mutating func byte() throws(WireError) -> UInt8 { try self.take(1).load(as: UInt8.self) }

    @inline(__always)
    mutating func uint16() throws(WireError) -> UInt16 { UInt16(bigEndian: try self.take(2).loadUnaligned(as: UInt16.self)) }

    mutating func uint32() throws(WireError) -> UInt32 { UInt32(bigEndian: try self.take(4).loadUnaligned(as: UInt32.self)) }

    /// Variable Byte Integer (MQTT 5.0 §1.5.5): at most four bytes, in its shortest form.
    mutating func variableByteInteger() throws(WireError) -> Int {
        var value = 0
        var shift = 0
        while true {
            let byte = try self.byte()
            value |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                if byte == 0 && shift > 0 { throw .malformed("variable byte integer is not in its shortest form") }
                return value
            }
            shift += 7
            if shift > 21 { throw .malformed("variable byte integer is longer than four bytes") }
        }
    }

    @inline(__always)
    mutating func bytes(_ length: Int) throws(WireError) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: try self.take(length), count: length)
    }

    /// Binary Data (MQTT 5.0 §1.5.6).
    mutating func binary() throws(WireError) -> UnsafeRawBufferPointer { try self.bytes(Int(try self.uint16())) }

    /// UTF-8 Encoded String (MQTT 5.0 §1.5.4), validated.
    @inline(__always)
    mutating func text() throws(WireError) -> UnsafeRawBufferPointer {
        let bytes = try self.binary()
        guard MQTTText.isValid(bytes) else { throw .malformed("string is not well-formed UTF-8") }
        return bytes
    }

    mutating func string() throws(WireError) -> String { String(decoding: try self.text(), as: UTF8.self) }

    mutating func rest() -> UnsafeRawBufferPointer {
        defer { self.offset = self.count }
        guard let base = self.base else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: base + self.offset, count: self.remaining)
    }
}
