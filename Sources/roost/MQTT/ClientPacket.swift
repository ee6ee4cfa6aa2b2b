import NIOCore

/// The packets that the client sends (MQTT 5.0 §3). It only listens, with QoS 1.
enum ClientPacket: Sendable, Equatable {
    case connect(clientID: String, keepAliveSeconds: UInt16, receiveMaximum: UInt16, maxPacketBytes: UInt32)
    case subscribe(packetID: UInt16, filters: [String])
    case puback(packetID: UInt16)
    case pingreq
    case disconnect

    func write(into output: inout ByteBuffer) {
        var body = ByteBuffer()
        switch self {
        case .connect(let clientID, let keepAliveSeconds, let receiveMaximum, let maxPacketBytes):
            Self.writeText("MQTT", into: &body)
            // Version 5; a clean start, no will, no user name (§3.1.2.2, §3.1.2.3).
            body.writeInteger(5 as UInt8)
            body.writeInteger(0b0000_0010 as UInt8)
            body.writeInteger(keepAliveSeconds)
            var properties = ByteBuffer()
            properties.writeInteger(MQTTProperties.receiveMaximum)
            properties.writeInteger(receiveMaximum)
            properties.writeInteger(MQTTProperties.maximumPacketSize)
            properties.writeInteger(maxPacketBytes)
            Self.writeLength(properties.readableBytes, into: &body)
            body.writeBuffer(&properties)
            Self.writeText(clientID, into: &body)
        case .subscribe(let packetID, let filters):
            body.writeInteger(packetID)
            Self.writeLength(0, into: &body)
            for filter in filters {
                Self.writeText(filter, into: &body)
                // At most QoS 1, the other options off (§3.8.3.1).
                body.writeInteger(1 as UInt8)
            }
        case .puback(let packetID): body.writeInteger(packetID)
        case .pingreq, .disconnect: break
        }
        output.writeInteger(self.firstByte)
        Self.writeLength(body.readableBytes, into: &output)
        output.writeBuffer(&body)
    }

    /// Packet type and flags (§2.1.2, §2.1.3).
    private var firstByte: UInt8 {
        switch self {
        case .connect: 0x10
        case .puback: 0x40
        case .subscribe: 0x82
        case .pingreq: 0xC0
        case .disconnect: 0xE0
        }
    }

    /// Texts are the client's own and shorter than 65,536 bytes: names of things and shadows are checked before.
    private static func writeText(_ text: String, into output: inout ByteBuffer) {
        output.writeInteger(UInt16(clamping: text.utf8.count))
        output.writeBytes(text.utf8.prefix(Int(UInt16.max)))
    }

    /// A variable byte integer (§1.5.5).
    private static func writeLength(_ length: Int, into output: inout ByteBuffer) {
        var rest = length
        repeat {
            let digit = UInt8(truncatingIfNeeded: rest % 128)
            rest /= 128
            output.writeInteger(rest > 0 ? digit | 0x80 : digit)
        } while rest > 0
    }
}
