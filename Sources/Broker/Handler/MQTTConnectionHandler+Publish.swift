import Logging
import NIOCore

extension MQTTConnectionHandler {
    /// PUBLISH from the client (MQTT 5.0 §3.3): checked, authorised, routed, acknowledged when it is safe.
    func handlePublish(first: UInt8, _ body: UnsafeRawBufferPointer) throws(WireError) {
        guard let session = self.session else { return }
        let packet = try PublishPacket.read(first: first, body, version: self.version)
        if packet.qos > self.profile.maximumQoS { throw WireError(.qosNotSupported, "QoS is higher than the server supports") }
        if packet.qos == 2 && session.received.contains(packet.packetID) {
            // Sent again: it was routed the first time ([MQTT-4.3.3-10]).
            let receipt = self.acknowledgements.receipt(of: packet.packetID) ?? session.unsettled[packet.packetID]
            self.acknowledge(packet, receipt: receipt, reason: .success)
            return
        }
        // A QoS 2 message counts until its PUBCOMP (MQTT 5.0 §4.9).
        if packet.qos > 0 && self.version == 5
            && self.acknowledgements.pubacks + session.received.count >= self.profile.receiveMaximum
        {
            throw WireError(.receiveMaximumExceeded, "more unacknowledged messages than the receive maximum")
        }
        self.shard.counters.received += 1
        self.shard.counters.bytesReceived += packet.payload.count
        if packet.properties.topicAlias != nil {
            try self.publishWithAlias(packet, session)
        } else if packet.topic.isEmpty {
            throw self.version == 5 ? .protocolError("empty topic without an alias") : .malformed("topic is empty")
        } else {
            try self.publish(packet, topic: packet.topic, session)
        }
    }

    /// Topic aliases of the client (MQTT 5.0 §3.3.2.3.4).
    private func publishWithAlias(_ packet: PublishPacket, _ session: Session) throws(WireError) {
        let alias = Int(packet.properties.topicAlias ?? 0)
        if alias > self.profile.topicAliasMaximum { throw WireError(.topicAliasInvalid, "topic alias is above the maximum") }
        if self.inboundAliases.isEmpty { self.inboundAliases = Array(repeating: nil, count: self.profile.topicAliasMaximum + 1) }
        if !packet.topic.isEmpty {
            guard MQTTText.isValidTopicName(packet.topic) else { throw WireError(.topicNameInvalid, "topic has a wildcard") }
            self.inboundAliases[alias] = [UInt8](packet.topic)
            return try self.publish(packet, topic: packet.topic, session)
        }
        guard let topic = self.inboundAliases[alias] else { throw .protocolError("topic alias stands for no topic") }
        let result: Result<Void, WireError> = topic.withUnsafeBytes { bytes in
            Result { () throws(WireError) in try self.publish(packet, topic: bytes, session) }
        }
        try result.get()
    }

    @inline(__always)
    private func publish(_ packet: PublishPacket, topic: UnsafeRawBufferPointer, _ session: Session) throws(WireError) {
        if self.version == 5 { try packet.properties.check(self.profile) }
        if packet.payload.count > self.profile.maxPayloadBytes {
            throw WireError(.packetTooLarge, "payload is larger than the server takes")
        }
        if packet.properties.isUTF8Payload && !MQTTText.isValid(packet.payload) {
            return self.reject(packet, topic, .payloadFormatInvalid, "payload is not UTF-8 although it says so")
        }
        if let rates = self.rates, !rates.take(bytes: packet.payload.count) {
            self.shard.counters.throttled += 1
            return self.reject(packet, topic, .quotaExceeded, "publish rate exceeded", cause: .throttled)
        }
        let route: Route
        if let last = self.lastRoute, last.version == self.shard.routingVersion, bytesEqual(last.topic, topic) {
            route = last
        } else {
            route = try self.findRoute(topic)
        }
        guard self.mayPublishOnLastRoute || self.mayPublish(packet, route) else {
            return self.reject(packet, topic, .notAuthorized, "not authorized to publish to this topic", cause: .authError)
        }
        if packet.isRetained && !self.mayRetain(packet, topic, route) { return }
        if self.addedProperties.isEmpty { return self.send(packet, topic: topic, route, session) }
        self.sendEnriched(packet, topic: topic, route, session)
    }

    private func findRoute(_ topic: UnsafeRawBufferPointer) throws(WireError) -> Route {
        guard MQTTText.isValidTopicName(topic) else { throw WireError(.topicNameInvalid, "topic has a wildcard") }
        let measured = topic.hasPrefix("$aws/rules/") ? ReservedTopics.withoutRulePrefix(topic) : topic
        if measured.count > self.profile.maxTopicBytes || MQTTText.levels(measured) > self.profile.maxTopicLevels {
            throw WireError(.topicNameInvalid, "topic is too long or too deep")
        }
        let route = self.shard.route(for: topic)
        self.lastRoute = route.weight <= self.profile.maxReceiversAtHand ? route : nil
        self.mayPublishOnLastRoute = false
        return route
    }

    private func mayPublish(_ packet: PublishPacket, _ route: Route) -> Bool {
        let topic = String(decoding: route.topic, as: UTF8.self)
        let isReserved = route.topic.withUnsafeBytes { !ReservedTopics.mayPublish($0, profile: self.profile) }
        let decision =
            isReserved
            ? AccessDecision(isAllowed: false, isCacheable: true, explanation: "the topic is reserved for the platform")
            : self.decide(.publish, topic)
        let isNoted = self.activityInterest.contains(.publishIn)
        // Where each message is noted, each comes by here.
        self.mayPublishOnLastRoute = decision.isAllowed && decision.isCacheable && !isNoted
        if decision.isAllowed {
            if isNoted && !packet.isRetained { self.notePublished(topic, qos: packet.qos, isRetained: false) }
            return true
        }
        self.shard.counters.deniedPublish += 1
        self.logDenial(.publish, topic, decision)
        return false
    }

    /// A retained message needs `iot:RetainPublish` as well (AWS IoT, policy actions).
    private func mayRetain(_ packet: PublishPacket, _ topic: UnsafeRawBufferPointer, _ route: Route) -> Bool {
        let name = String(decoding: topic, as: UTF8.self)
        if self.profile.refusesRetainedDollarTopics && route.topic.first == UInt8(ascii: "$") {
            self.reject(packet, topic, .topicNameInvalid, "retained messages on reserved topics are not supported")
            return false
        }
        let decision = self.decide(.retainPublish, name)
        if decision.isAllowed {
            self.notePublished(name, qos: packet.qos, isRetained: true)
            return true
        }
        self.shard.counters.deniedPublish += 1
        self.logDenial(.retainPublish, name, decision)
        self.reject(packet, topic, .notAuthorized, "not authorized to retain on this topic", cause: .authError)
        return false
    }

    /// With the properties that the thing type adds, after those of the publisher (AWS IoT Developer Guide, message enrichment). The publisher's
    /// MQTT version does not matter.
    @inline(never)
    private func sendEnriched(_ packet: PublishPacket, topic: UnsafeRawBufferPointer, _ route: Route, _ session: Session) {
        let own = packet.properties.forwarded
        let bytes = [UInt8](unsafeUninitializedCapacity: own.count + self.addedProperties.count) { buffer, count in
            if let base = buffer.baseAddress { own.copy(to: base) }
            _ = buffer[own.count...].initialize(from: self.addedProperties)
            count = own.count + self.addedProperties.count
        }
        bytes.withUnsafeBytes { bytes in
            var packet = packet
            packet.properties.forwarded = ForwardedProperties(bytes)
            self.send(packet, topic: topic, route, session)
        }
    }

    @inline(__always)
    private func send(_ packet: PublishPacket, topic: UnsafeRawBufferPointer, _ route: Route, _ session: Session) {
        var expiresAt: Int64 = 0
        if let expiry = packet.properties.messageExpiry {
            let seconds = min(max(expiry, 1), self.profile.maxMessageExpirySeconds ?? .max)
            expiresAt = wallMilliseconds() + Int64(seconds) * 1000
        }
        let view = MessageView(topic: topic, properties: packet.properties.forwarded, payload: packet.payload, expiresAt: expiresAt)
        var publication = Publication(
            view: view, qos: packet.qos, isRetained: packet.isRetained, publisher: session, publisherID: session.clientID.text)
        if packet.isRetained && !self.shard.retain(&publication) {
            return self.reject(packet, topic, .quotaExceeded, "the server holds as many retained messages as it may")
        }
        guard packet.qos == 2 else {
            self.shard.publish(&publication, on: route)
            if packet.qos == 1 { self.acknowledge(packet, receipt: publication.receipt, reason: .success) }
            return
        }
        session.received.insert(packet.packetID)
        let receipt =
            session.isPersistent
            ? self.publishOnce(&publication, ReceivedMark(session: session.id, packetID: packet.packetID), route)
            : self.publishAndWait(&publication, route)
        self.acknowledge(packet, receipt: receipt, reason: .success)
    }

    private func publishAndWait(_ publication: inout Publication, _ route: Route) -> PublishReceipt? {
        self.shard.publish(&publication, on: route)
        return publication.receipt
    }

    /// QoS 2 of a session that outlives a crash: that its identifier was used is written in the same commit as the message. Where the
    /// receivers are on several loops there is no such commit; the message is written first then, so that a crash between the two can
    /// repeat it but never lose it (docs/durability.md).
    private func publishOnce(_ publication: inout Publication, _ mark: ReceivedMark, _ route: Route) -> PublishReceipt? {
        let isLocal = route.remoteLoops.isEmpty && (route.groups.isEmpty || self.shard.outboxes.count == 1)
        if isLocal {
            self.shard.record(mark, publication.expectReceipt())
            return self.publishAndWait(&publication, route)
        }
        if route.remoteLoops.count == 1 && route.targets.isEmpty && route.groups.isEmpty {
            publication.received = mark
            return self.publishAndWait(&publication, route)
        }
        let shard = self.shard
        let both = PublishReceipt()
        both.expect(1)
        let first = self.publishAndWait(&publication, route)
        guard let first, !first.isDone else {
            shard.record(mark, both)
            return both
        }
        first.whenDone { [unowned first] in
            if first.hasFailed { both.fail() } else { shard.record(mark, both) }
        }
        return both
    }

    /// PUBACK or PUBREC, in the order of the publishes ([MQTT-4.6.0-2]): at once if nothing before it waits.
    @inline(__always)
    private func acknowledge(_ packet: PublishPacket, receipt: PublishReceipt?, reason: ReasonCode) {
        let type: PacketType = packet.qos == 2 ? .pubrec : .puback
        if self.acknowledgements.isEmpty && (receipt == nil || receipt?.isDone == true) && receipt?.hasFailed != true {
            return self.appendAcknowledgement(type, packet.packetID, reason: reason)
        }
        self.acknowledgements.append(type, packet.packetID, receipt, reason)
        // The connection has no output while all wait for the disk: nothing else would look before the next sweep.
        if !self.isReadHeld && (self.acknowledgements.count >= self.profile.maxPendingAcknowledgements || self.shard.journal.isFull) {
            self.updateReading()
        }
        guard let receipt, !receipt.isDone else { return self.shard.markDirty(self) }
        receipt.whenDone { [weak self] in
            guard let self else { return }
            self.shard.markDirty(self)
        }
    }

    /// Sends the acknowledgements that wait for nothing any more.
    func drainAcknowledgements() {
        while let next = self.acknowledgements.popReady() {
            if next.hasFailed {
                if next.type == .pubrec, let session = self.session { self.shard.forgetReceived(next.packetID, of: session) }
                // The disk refused the message. A v5 client is told; a 3.1.1 client has no such word and must not take it for stored.
                if self.version == 5 {
                    self.output.writeAcknowledgement(next.type, next.packetID, version: 5, reason: .implementationSpecific)
                } else {
                    return self.shut(.serverError, code: .implementationSpecific, reason: "the message could not be stored")
                }
            } else {
                self.output.writeAcknowledgement(next.type, next.packetID, version: self.version, reason: next.reason)
            }
        }
    }

    /// Refuses one publish with the protocol's word for it: a reason code in the acknowledgement where there is one, else the connection
    /// ends (MQTT 5.0 §4.13; AWS IoT on denied publishes).
    private func reject(
        _ packet: PublishPacket, _ topic: UnsafeRawBufferPointer, _ code: ReasonCode, _ reason: StaticString,
        cause: DisconnectCause = .clientError
    ) {
        // A denial was noted with its reason.
        if code != .notAuthorized { self.notePublishRefused(code, topic: topic, details: "\(reason)") }
        if self.version == 5 && packet.qos > 0 { return self.acknowledge(packet, receipt: nil, reason: code) }
        if self.version == 4 && code == .notAuthorized && !self.profile.closesOnDenial {
            // 3.1.1 has no refusal: the server either acknowledges as usual or closes ([MQTT-3.3.5-2]).
            if packet.qos > 0 { self.acknowledge(packet, receipt: nil, reason: .success) }
            return
        }
        if self.version == 5 && code == .notAuthorized && !self.profile.closesOnDenial { return }
        self.shut(cause, code: code, reason: "\(reason)")
    }
}
