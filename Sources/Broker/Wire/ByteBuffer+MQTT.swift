import NIOCore

/// Packets that the server sends, appended to a connection's output.
extension ByteBuffer {
    mutating func writeVariableByteInteger(_ value: Int) {
        var rest = value
        repeat {
            let byte = UInt8(rest & 0x7F)
            rest >>= 7
            self.writeInteger(rest > 0 ? byte | 0x80 : byte)
        } while rest > 0
    }

    mutating func writeMQTTText(_ text: String) {
        let bytes = text.utf8
        self.writeInteger(UInt16(truncatingIfNeeded: min(bytes.count, 65_535)))
        self.writeBytes(bytes.prefix(65_535))
    }

    /// PUBACK, PUBREC, PUBREL, PUBCOMP (MQTT 5.0 §3.4): a reason of success is left out.
    @inline(__always)
    mutating func writeAcknowledgement(_ type: PacketType, _ id: UInt16, version: UInt8, reason: ReasonCode = .success) {
        let flags: UInt8 = type == .pubrel ? 0x02 : 0
        let first = type.rawValue << 4 | flags
        if reason == .success || version == 4 {
            self.writeInteger(UInt32(first) << 24 | 0x02 << 16 | UInt32(id))
        } else {
            self.writeInteger(UInt32(first) << 24 | 0x03 << 16 | UInt32(id))
            self.writeInteger(reason.rawValue)
        }
    }

    /// SUBACK and UNSUBACK (MQTT 5.0 §3.9, §3.11).
    mutating func writeSubscriptionAcknowledgement(_ type: PacketType, _ id: UInt16, version: UInt8, codes: [UInt8]) {
        self.writeInteger(type.rawValue << 4)
        let hasCodes = type == .suback || version == 5
        self.writeVariableByteInteger(2 + (version == 5 ? 1 : 0) + (hasCodes ? codes.count : 0))
        self.writeInteger(id)
        if version == 5 { self.writeInteger(UInt8(0)) }
        if hasCodes { self.writeBytes(codes) }
    }

    mutating func writePingResponse() { self.writeInteger(UInt16(0xD000)) }

    /// DISCONNECT with a reason and, where the client wants to know, a reason string (MQTT 5.0 §3.14). Only for version 5.
    mutating func writeDisconnect(_ reason: ReasonCode, reasonString: String?) {
        self.writeInteger(UInt8(0xE0))
        guard let text = reasonString.map({ String($0.prefix(Self.maxReasonStringCharacters)) }) else {
            self.writeInteger(UInt8(1))
            self.writeInteger(reason.rawValue)
            return
        }
        let properties = 3 + text.utf8.count
        self.writeVariableByteInteger(1 + Self.variableByteIntegerLength(properties) + properties)
        self.writeInteger(reason.rawValue)
        self.writeVariableByteInteger(properties)
        self.writeInteger(UInt8(PropertyID.reasonString))
        self.writeMQTTText(text)
    }

    private static let maxReasonStringCharacters = 200

    @inline(__always)
    static func variableByteIntegerLength(_ value: Int) -> Int {
        value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4
    }
}
