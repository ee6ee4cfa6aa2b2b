/// The control packet types of MQTT 5.0 §2.1.2.
enum PacketType: UInt8 {
    case connect = 1, connack, publish, puback, pubrec, pubrel, pubcomp, subscribe, suback, unsubscribe, unsuback, pingreq, pingresp,
        disconnect, auth
}

/// The fixed header of a packet (MQTT 5.0 §2.1).
struct FixedHeader {
    var first: UInt8
    /// Length of the fixed header itself, bytes.
    var length: Int
    /// Bytes that follow the fixed header.
    var remaining: Int

    /// `nil`: not enough bytes yet.
    @inline(__always)
    static func read(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(WireError) -> FixedHeader? {
        let available = bytes.count - start
        if available < 2 { return nil }
        let second = bytes[start + 1]
        if second < 0x80 { return FixedHeader(first: bytes[start], length: 2, remaining: Int(second)) }
        var value = Int(second & 0x7F)
        var shift = 7
        for k in 2..<5 {
            if available <= k { return nil }
            let byte = bytes[start + k]
            value |= Int(byte & 0x7F) << shift
            if byte & 0x80 == 0 {
                if byte == 0 { throw .malformed("remaining length is not in its shortest form") }
                return FixedHeader(first: bytes[start], length: k + 1, remaining: value)
            }
            shift += 7
        }
        throw .malformed("remaining length is longer than four bytes")
    }
}
