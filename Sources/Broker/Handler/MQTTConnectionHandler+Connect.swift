import CoreMetrics
import Logging
import NIOCore

extension MQTTConnectionHandler {
    /// CONNECT (MQTT 5.0 §3.1.4): checked, then put before the authoriser.
    func handleConnect(_ body: UnsafeRawBufferPointer) throws(WireError) {
        self.version = try ConnectPacket.version(of: body)
        var packet = try ConnectPacket.read(body, profile: self.profile)
        self.wantsReasonStrings = packet.requestProblemInformation && packet.maximumPacketSize > Self.leastSizeForReasonStrings
        if packet.authenticationMethod != nil {
            return self.refuse(.badAuthenticationMethod, reason: "enhanced authentication is not supported")
        }
        var isAssigned = false
        if packet.clientID.isEmpty {
            // 3.1.1 allows it only with clean session ([MQTT-3.1.3-8]).
            if packet.version == 4 && !packet.isCleanStart {
                return self.refuse(.clientIdentifierNotValid, reason: "an empty client identifier needs a clean session")
            }
            packet.clientID = "roost-" + RandomIdentifier.make()
            isAssigned = true
        }
        if packet.clientID.utf8.count > self.profile.maxClientIDBytes {
            return self.refuse(
                .clientIdentifierNotValid, reason: "the client identifier is longer than \(self.profile.maxClientIDBytes) bytes")
        }
        if Int(packet.maximumPacketSize) < self.profile.minClientPacketBytes {
            return self.refuse(.packetTooLarge, reason: "maximum packet size is below \(self.profile.minClientPacketBytes) bytes")
        }
        if let will = packet.will, let problem = self.problem(with: will) { return self.refuse(problem.0, reason: problem.1) }
        self.clientID = packet.clientID
        self.assignedClientID = isAssigned ? packet.clientID : nil
        self.state = .connecting
        self.findActivityInterest()
        self.authorize(packet)
    }

    /// Clients that take only very small packets get no reason strings ([MQTT-3.2.2-19], [MQTT-3.14.2-3]).
    private static var leastSizeForReasonStrings: UInt32 { 1024 }

    private func problem(with will: WillFields) -> (ReasonCode, String)? {
        will.topic.withUnsafeBytes { topic in
            if topic.count > self.profile.maxTopicBytes || MQTTText.levels(topic) > self.profile.maxTopicLevels {
                return (.topicNameInvalid, "the will topic is too long or too deep")
            }
            if !ReservedTopics.mayPublish(topic, profile: self.profile) { return (.notAuthorized, "the will topic is reserved") }
            if will.payload.count > self.profile.maxPayloadBytes { return (.packetTooLarge, "the will payload is too large") }
            if will.isRetained && topic.first == UInt8(ascii: "$") && self.profile.refusesRetainedDollarTopics {
                return (.topicNameInvalid, "a retained will on a reserved topic")
            }
            return nil
        }
    }

    private func authorize(_ packet: ConnectPacket) {
        let attempt = ConnectAttempt(
            facts: self.facts, clientID: packet.clientID, username: packet.username, password: packet.password,
            will: packet.will.map {
                .init(topic: String(decoding: $0.topic, as: UTF8.self), isRetained: $0.isRetained, qos: $0.qos)
            }, isPersistent: packet.sessionExpiry > 0, protocolVersion: packet.version)
        let shard = self.shard
        if let verdict = shard.shared.authorizer.authorizeNow(attempt) { return self.authorized(packet, verdict) }
        Task {
            let verdict = await shard.shared.authorizer.authorize(attempt)
            shard.eventLoop.execute { self.authorized(packet, verdict) }
        }
    }

    private func authorized(_ packet: ConnectPacket, _ verdict: ConnectVerdict) {
        guard self.state == .connecting else { return }
        switch verdict {
        case .deny(let reason):
            self.shard.logger.notice(
                "connect denied",
                metadata: [
                    "client": "\(self.clientID)", "principal": "\(self.facts.principal.id)", "peer": "\(self.facts.remoteAddress)",
                    "reason": "\(reason)",
                ])
            self.shard.shared.metrics.connectDenied.increment()
            self.announceConnectFailed()
            self.noteConnectFailed("AUTHORIZATION_FAILURE", details: reason)
            self.refuse(.notAuthorized, reason: "not authorized")
        case .unavailable(let reason):
            self.noteConnectFailed("SERVER_ERROR", details: "the authorization is not available")
            self.shard.logger.error("connect not decided", metadata: ["client": "\(self.clientID)", "reason": "\(reason)"])
            self.refuse(.serverUnavailable, reason: "authorization is not available")
        case .allow(let authority, let thingName):
            // Counted only now: who may not connect cannot use up the rate of who may.
            if let rates = self.shard.shared.connectRates, !rates.take(ExactText(packet.clientID)) {
                self.shard.counters.throttled += 1
                self.noteConnectFailed("THROTTLED", details: "the client identifier connects too often")
                return self.refuse(.quotaExceeded, reason: "this client identifier connects too often")
            }
            let eventLoop = self.shard.eventLoop
            // Before its first answer is kept.
            authority.onChange { [weak self] in eventLoop.execute { [weak self] in self?.authorityChanged() } }
            self.authority = authority
            self.thingName = thingName
            self.setLimits(packet)
            self.shard.attach(self, packet)
        }
    }

    private func setLimits(_ packet: ConnectPacket) {
        self.clientMaxPacketBytes = packet.maximumPacketSize
        self.sendLimit = min(Int(packet.receiveMaximum), self.profile.maxInFlight)
        let asked = Int(packet.keepAliveSeconds)
        if let range = self.profile.keepAliveRangeSeconds {
            self.keepAliveSeconds = asked == 0 ? range.upperBound : min(max(asked, range.lowerBound), range.upperBound)
            self.tellsKeepAlive = true
        } else {
            self.keepAliveSeconds = asked
        }
        let aliases = min(Int(packet.topicAliasMaximum), self.profile.topicAliasMaximum)
        if aliases > 0 { self.outboundAliases = OutboundAliases(maximum: aliases) }
        if let seconds = self.profile.resendAfterSeconds, packet.version == 4, packet.sessionExpiry > 0 {
            self.resends = ResendSchedule(
                interval: .seconds(Int64(seconds)), limit: .seconds(Int64(self.profile.resendForSeconds)))
        }
        if self.profile.enforceRates { self.rates = RateLimiter(profile: self.profile) }
        // 3.1.1 has no word for the expiry; a v5 client is told when it gets less than it asked for or the default.
        self.grantedSessionExpiry = packet.version == 5 ? packet.sessionExpiry : nil
        self.requestedSessionExpiry = packet.sessionExpiry
    }

    /// The session is there: CONNACK, then what waits for the client.
    func connected(isSessionPresent: Bool) {
        guard self.state == .connecting, let session = self.session else { return }
        let connack = ConnackPacket(
            version: self.version, isSessionPresent: isSessionPresent, reason: .success, sessionExpiry: self.grantedSessionExpiry,
            assignedClientID: self.assignedClientID,
            serverKeepAliveSeconds: self.tellsKeepAlive ? UInt16(clamping: self.keepAliveSeconds) : nil)
        if self.clientMaxPacketBytes != .max && connack.length(profile: self.profile) > Int(self.clientMaxPacketBytes) {
            self.wantsReasonStrings = false
            return self.refuse(.packetTooLarge, reason: "CONNACK does not fit the client's maximum packet size")
        }
        self.state = .connected
        connack.write(to: &self.output, profile: self.profile)
        self.shard.counters.connected += 1
        self.shard.announcePresence(session)
        self.announceConnected()
        self.noteConnected()
        self.shard.resend(session, self)
        self.shard.pump(session)
        self.shard.markDirty(self)
        self.consumeUnread()
        self.updateReading()
    }

    /// CONNACK with a failure, then close (MQTT 5.0 §3.1.4, MQTT 3.1.1 §3.2.2.3).
    func refuse(_ code: ReasonCode, reason: String) {
        guard self.state == .waiting || self.state == .connecting else { return }
        self.shard.logger.debug("connect refused", metadata: ["client": "\(self.clientID)", "reason": "\(reason)"])
        let connack = ConnackPacket(version: self.version, reason: code, reasonString: self.wantsReasonStrings ? reason : nil)
        connack.write(to: &self.output, profile: self.profile)
        self.shut(.serverError, code: code, reason: reason)
    }

    /// A first packet that is not a CONNECT gets no answer; a CONNECT that is wrong gets one where the protocol has it.
    func failConnect(_ error: WireError) {
        switch error.code {
        case .unsupportedProtocolVersion:
            // The version is not known: 3.1.1's answer is what every client of another version understands ([MQTT-3.1.2-2]).
            self.refuse(.unsupportedProtocolVersion, reason: "\(error.reason)")
        case _ where self.version == 5: self.refuse(error.code, reason: "\(error.reason)")
        default: self.shut(.clientError, code: error.code, reason: "\(error.reason)")
        }
    }
}
