import Logging
import NIOCore

/// Ends of a connection, and the deadlines that lead there.
extension MQTTConnectionHandler {
    /// Called twice a second.
    func sweep(now: NIODeadline) {
        switch self.state {
        case .waiting, .connecting:
            if now - self.connectedAt > .seconds(Int64(self.profile.connectTimeoutSeconds)) { self.abandon() }
        case .connected:
            // What the server does not read it cannot hold against the client, unless it is because the client does not read either.
            if self.isReadHeld && self.output.readableBytes <= self.profile.maxOutputBytes { self.lastInput = now }
            if self.keepAliveSeconds > 0 && now - self.lastInput > .milliseconds(Int64(self.keepAliveSeconds) * 1500) {
                return self.shut(.keepAliveTimeout, code: .keepAliveTimeout, reason: "nothing was received for 1.5 times the keep-alive")
            }
            if let end = self.facts.endsAt, wallMilliseconds() >= end {
                return self.shut(.webSocketLifetime, code: .administrativeAction, reason: "the connection has reached its longest life")
            }
            self.resendWhatIsDue(now: now)
            if self.output.readableBytes == 0 && self.output.capacity > 0 && now - self.lastInput > .seconds(1) {
                self.output = ByteBuffer()
                self.session?.window.releaseMemory()
            }
            self.updateReading()
        case .closing:
            if let deadline = self.closeDeadline, now > deadline { self.context?.close(promise: nil) }
        case .closed: break
        }
    }

    private func resendWhatIsDue(now: NIODeadline) {
        guard let session = self.session, self.resends != nil, session.window.unsent == 0 else { return }
        guard let due = self.resends?.due(sent: session.window.sent, now: now) else { return }
        self.shard.resend(due, of: session, self)
    }

    private func abandon() {
        self.shard.logger.debug("no CONNECT in time", metadata: ["peer": "\(self.facts.remoteAddress)"])
        self.state = .closing
        self.shard.markDirty(self)
    }

    func fail(_ error: WireError) {
        self.shard.logger.info(
            "connection ended: client error",
            metadata: [
                "client": "\(self.clientID)", "peer": "\(self.facts.remoteAddress)", "reason": "\(error.reason)",
                "code": "0x\(String(error.code.rawValue, radix: 16, uppercase: true))",
            ])
        if self.state == .waiting { return self.failConnect(error) }
        self.shut(.clientError, code: error.code, reason: "\(error.reason)")
    }

    /// Ends the connection from this side: DISCONNECT for a v5 client, then close.
    func shut(_ cause: DisconnectCause, code: ReasonCode, reason: String, publishesWill: Bool? = nil) {
        guard self.isOpen else { return }
        if self.state == .connected && self.version == 5 {
            self.output.writeDisconnect(code, reasonString: self.wantsReasonStrings ? reason : nil)
        }
        self.end(cause, publishesWill: publishesWill)
        self.state = .closing
        self.shard.markDirty(self)
    }

    /// The client said goodbye: nothing more is sent.
    func closeAfterDisconnect(publishesWill: Bool) {
        self.end(.clientInitiated, publishesWill: publishesWill)
        self.state = .closing
        self.shard.markDirty(self)
    }

    /// Parts from the session; once.
    func end(_ cause: DisconnectCause, publishesWill: Bool? = nil) {
        guard let session = self.session else { return }
        self.lastVersionNumber = self.versionNumber
        self.session = nil
        let wasConnected = self.state == .connected
        if session.isPersistent && !self.acknowledgements.isEmpty {
            self.shard.keep(self.acknowledgements.receiptsOfQoS2, of: session)
        }
        self.acknowledgements.removeAll()
        self.lastRoute = nil
        self.shard.detach(session, self, cause, publishesWill: publishesWill ?? cause.publishesWill)
        guard wasConnected else { return }
        self.announceDisconnected(cause)
        self.noteDisconnected(cause)
    }
}
