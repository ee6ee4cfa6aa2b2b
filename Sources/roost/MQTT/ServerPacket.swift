import Broker
import NIOCore

/// The packets that a server sends to a client that only subscribes (MQTT 5.0 §3).
enum ServerPacket: Sendable, Equatable {
    /// - Parameter keepAliveSeconds: the server's own, if it does not take the client's (§3.2.2.3.14).
    case connack(ReasonCode, reason: String?, keepAliveSeconds: UInt16?)
    /// - Parameter packetID: nil for QoS 0.
    case publish(MQTTMessage, packetID: UInt16?)
    case suback(packetID: UInt16, codes: [ReasonCode])
    case pingresp
    case disconnect(ReasonCode, reason: String?)

    /// - Parameters:
    ///   - firstByte: packet type and flags (§2.1.1).
    ///   - body: all that the remaining length counts.
    init(firstByte: UInt8, body: ByteBuffer) throws(MQTTClientError) {
        var body = body
        switch (firstByte >> 4, firstByte & 0x0F) {
        case (2, 0): self = try Self.connack(&body)
        case (3, let flags): self = try Self.publish(flags: flags, &body)
        case (9, 0): self = try Self.suback(&body)
        case (13, 0): self = .pingresp
        case (14, 0): self = try Self.disconnect(&body)
        default: throw .malformed("a packet that begins with the byte \(firstByte)")
        }
    }

    /// §3.2.
    private static func connack(_ body: inout ByteBuffer) throws(MQTTClientError) -> ServerPacket {
        let _: UInt8 = try body.readMQTTInteger()
        let code = ReasonCode(rawValue: try body.readMQTTInteger())
        // A server that knows no version 5 refuses without properties.
        let properties = body.readableBytes == 0 ? MQTTProperties() : try MQTTProperties(from: &body)
        return .connack(code, reason: properties.reasonString, keepAliveSeconds: properties.serverKeepAliveSeconds)
    }

    /// §3.3. No topic alias was allowed, so the topic is always there, and no QoS above the subscription's.
    private static func publish(flags: UInt8, _ body: inout ByteBuffer) throws(MQTTClientError) -> ServerPacket {
        let qos = flags >> 1 & 0b11
        guard qos <= 1 else { throw .malformed("a PUBLISH with QoS \(qos)") }
        let topic = try body.readMQTTText()
        guard !topic.isEmpty else { throw .malformed("a PUBLISH without a topic") }
        let packetID: UInt16? = qos == 0 ? nil : try body.readMQTTInteger()
        guard packetID != 0 else { throw .malformed("a PUBLISH with packet id 0") }
        _ = try MQTTProperties(from: &body)
        return .publish(MQTTMessage(topic: topic, payload: body), packetID: packetID)
    }

    /// §3.9.
    private static func suback(_ body: inout ByteBuffer) throws(MQTTClientError) -> ServerPacket {
        let packetID: UInt16 = try body.readMQTTInteger()
        _ = try MQTTProperties(from: &body)
        return .suback(packetID: packetID, codes: body.readableBytesView.map(ReasonCode.init(rawValue:)))
    }

    /// §3.14. Without a reason code it is 0x00 (§3.14.2.1).
    private static func disconnect(_ body: inout ByteBuffer) throws(MQTTClientError) -> ServerPacket {
        guard let code = body.readInteger(as: UInt8.self) else { return .disconnect(.success, reason: nil) }
        let properties = body.readableBytes == 0 ? MQTTProperties() : try MQTTProperties(from: &body)
        return .disconnect(ReasonCode(rawValue: code), reason: properties.reasonString)
    }
}

/// Cuts the server's bytes into packets.
struct ServerPacketDecoder: ByteToMessageDecoder {
    typealias InboundOut = ServerPacket

    /// Of the remaining length (MQTT 5.0 §2.1.4), looked at before the packet is collected.
    let maxPacketBytes: Int

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard let packet = try Self.packet(from: &buffer, maxBytes: self.maxPacketBytes) else { return .needMoreData }
        context.fireChannelRead(self.wrapInboundOut(packet))
        return .continue
    }

    /// A packet that the connection's end cuts off is no packet.
    mutating func decodeLast(context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool) throws -> DecodingState {
        let state = try self.decode(context: context, buffer: &buffer)
        if state == .needMoreData { buffer.clear() }
        return state
    }

    /// Nil when bytes are missing; then nothing is read.
    static func packet(from buffer: inout ByteBuffer, maxBytes: Int) throws(MQTTClientError) -> ServerPacket? {
        var rest = buffer
        guard let firstByte = rest.readInteger(as: UInt8.self), let length = try rest.readVariableByteInteger() else { return nil }
        guard length <= maxBytes else { throw .malformed("a packet of \(length) bytes; the limit is \(maxBytes)") }
        guard let body = rest.readSlice(length: length) else { return nil }
        buffer = rest
        return try ServerPacket(firstByte: firstByte, body: body)
    }
}
