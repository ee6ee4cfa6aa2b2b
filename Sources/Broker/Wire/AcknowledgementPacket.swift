/// PUBACK, PUBREC, PUBREL and PUBCOMP (MQTT 5.0 §3.4 to §3.7) share one layout.
struct AcknowledgementPacket {
    var packetID: UInt16
    var reason: ReasonCode

    @inline(__always)
    static func read(_ body: UnsafeRawBufferPointer, _ type: PacketType, version: UInt8) throws(WireError) -> AcknowledgementPacket {
        var reader = WireReader(body)
        let packetID = try reader.uint16()
        if packetID == 0 { throw .malformed("packet identifier is 0") }
        if reader.remaining == 0 { return AcknowledgementPacket(packetID: packetID, reason: .success) }
        guard version == 5 else { throw .malformed("bytes after the packet identifier") }
        let reason = ReasonCode(rawValue: try reader.byte())
        guard self.isKnown(reason, type) else { throw .protocolError("reason code is not one of this packet's") }
        if reader.remaining > 0 {
            _ = try Properties.read(&reader, allowed: .acknowledgement)
            if reader.remaining > 0 { throw .malformed("bytes after the properties") }
        }
        return AcknowledgementPacket(packetID: packetID, reason: reason)
    }

    /// MQTT 5.0 §3.4.2.1, §3.5.2.1, §3.6.2.1, §3.7.2.1.
    private static func isKnown(_ reason: ReasonCode, _ type: PacketType) -> Bool {
        switch type {
        case .pubrel, .pubcomp: reason == .success || reason == .packetIdentifierNotFound
        default: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99].contains(reason.rawValue)
        }
    }
}

/// DISCONNECT from a client (MQTT 5.0 §3.14).
struct DisconnectPacket {
    var reason: ReasonCode
    var sessionExpiry: UInt32?

    static func read(_ body: UnsafeRawBufferPointer, version: UInt8) throws(WireError) -> DisconnectPacket {
        var reader = WireReader(body)
        if reader.remaining == 0 { return DisconnectPacket(reason: .success, sessionExpiry: nil) }
        guard version == 5 else { throw .malformed("DISCONNECT of MQTT 3.1.1 has a body") }
        let reason = ReasonCode(rawValue: try reader.byte())
        guard self.clientReasons.contains(reason.rawValue) else { throw .protocolError("DISCONNECT reason is not one that a client sends") }
        if reader.remaining == 0 { return DisconnectPacket(reason: reason, sessionExpiry: nil) }
        let properties = try Properties.read(&reader, allowed: .disconnect)
        if reader.remaining > 0 { throw .malformed("bytes after the properties") }
        return DisconnectPacket(reason: reason, sessionExpiry: properties.sessionExpiry)
    }

    /// MQTT 5.0 §3.14.2.1, the rows that a client may send.
    private static let clientReasons: Set<UInt8> = [
        0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x90, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99,
    ]
}
