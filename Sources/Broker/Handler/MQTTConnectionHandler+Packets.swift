import Logging
import NIOCore

extension MQTTConnectionHandler {
    /// Every packet but PUBLISH.
    func handle(_ header: FixedHeader, _ body: UnsafeRawBufferPointer) throws(WireError) {
        guard let type = PacketType(rawValue: header.first >> 4) else { throw .malformed("packet type 0 is forbidden") }
        let flags = header.first & 0x0F
        let expected: UInt8 = type == .pubrel || type == .subscribe || type == .unsubscribe ? 0x02 : 0
        if type != .publish && flags != expected { throw .malformed("reserved flags of the fixed header are wrong") }
        if type == .connect {
            if self.state != .waiting { throw .protocolError("a second CONNECT") }
            return try self.handleConnect(body)
        }
        guard let session = self.session else { return }
        switch type {
        case .puback: try self.handlePuback(body, session)
        case .pubrec: try self.handlePubrec(body, session)
        case .pubrel: try self.handlePubrel(body, session)
        case .pubcomp:
            try self.checkQoS2()
            let packet = try AcknowledgementPacket.read(body, .pubcomp, version: self.version)
            self.shard.completed(packet.packetID, session)
        case .subscribe: try self.handleSubscribe(try .read(body, version: self.version, profile: self.profile), session)
        case .unsubscribe: self.handleUnsubscribe(try .read(body, version: self.version, profile: self.profile), session)
        case .pingreq:
            if !body.isEmpty { throw .malformed("PINGREQ has a body") }
            self.output.writePingResponse()
            self.shard.markDirty(self)
        case .disconnect: try self.handleDisconnect(body, session)
        case .auth: throw .protocolError("AUTH without enhanced authentication")
        case .connect, .publish: break
        case .connack, .suback, .unsuback, .pingresp: throw .protocolError("a packet that only servers send")
        }
    }

    @inline(__always)
    private func handlePuback(_ body: UnsafeRawBufferPointer, _ session: Session) throws(WireError) {
        let packet = try AcknowledgementPacket.read(body, .puback, version: self.version)
        self.shard.acknowledged(packet.packetID, session)
    }

    private func handlePubrec(_ body: UnsafeRawBufferPointer, _ session: Session) throws(WireError) {
        try self.checkQoS2()
        self.shard.received(try .read(body, .pubrec, version: self.version), session, self)
    }

    private func checkQoS2() throws(WireError) {
        if self.profile.maximumQoS < 2 { throw WireError(.qosNotSupported, "QoS 2 is not supported") }
    }

    /// PUBREL: the identifier is free again (MQTT 5.0 §4.3.3).
    private func handlePubrel(_ body: UnsafeRawBufferPointer, _ session: Session) throws(WireError) {
        try self.checkQoS2()
        let packet = try AcknowledgementPacket.read(body, .pubrel, version: self.version)
        let wasKnown = session.received.remove(packet.packetID) != nil
        session.unsettled[packet.packetID] = nil
        guard wasKnown && session.isPersistent else {
            return self.appendAcknowledgement(.pubcomp, packet.packetID, reason: wasKnown ? .success : .packetIdentifierNotFound)
        }
        // With PUBCOMP the client may use the identifier for another message, which a crash must not let us take for this one.
        self.shard.journal.record(.unreceived(session: session.id, packetID: packet.packetID))
        self.shard.journal.whenStored { [weak self] in self?.appendAcknowledgement(.pubcomp, packet.packetID) }
        self.shard.scheduleFlush()
    }

    /// DISCONNECT (MQTT 5.0 §3.14).
    private func handleDisconnect(_ body: UnsafeRawBufferPointer, _ session: Session) throws(WireError) {
        let packet = try DisconnectPacket.read(body, version: self.version)
        if let expiry = packet.sessionExpiry {
            if self.requestedSessionExpiry == 0 && expiry > 0 { throw .protocolError("session expiry may not be raised from 0") }
            let wasRecorded = session.isRecorded
            session.expirySeconds = min(expiry, self.profile.maxSessionExpirySeconds)
            if session.isPersistent && wasRecorded { self.shard.journal.record(.session(self.shard.record(session))) }
        }
        self.closeAfterDisconnect(publishesWill: packet.reason == .disconnectWithWill || packet.reason.isFailure)
    }

    @inline(__always)
    func appendAcknowledgement(_ type: PacketType, _ id: UInt16, reason: ReasonCode = .success) {
        self.output.writeAcknowledgement(type, id, version: self.version, reason: reason)
        self.shard.markDirty(self)
    }
}
