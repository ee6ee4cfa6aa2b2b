import Logging
import NIOCore

extension MQTTConnectionHandler {
    /// SUBSCRIBE (MQTT 5.0 §3.8.4): each filter is checked, authorised and answered on its own. SUBACK leaves when the subscriptions of a
    /// persistent session are on disk and every loop routes by them.
    func handleSubscribe(_ packet: SubscribePacket, _ session: Session) throws(WireError) {
        var codes: [UInt8] = []
        var granted: [GrantedSubscription] = []
        for (filter, options) in packet.filters {
            if options.qos > self.profile.maximumQoS && self.profile.refusesHigherQoSSubscriptions {
                throw WireError(.qosNotSupported, "QoS is higher than the server supports")
            }
            let result = filter.withUnsafeBytes { self.grant($0, options, session, pending: granted) }
            switch result {
            case .success(let subscription):
                granted.append(subscription)
                codes.append(subscription.options.qos)
            case .failure(let error):
                // A denial was noted with its reason.
                if error.code != .notAuthorized { self.noteSubscribeRefused(filter, error) }
                if self.version == 4 && error.code == .notAuthorized && self.profile.closesOnDenial {
                    return self.shut(.authError, code: error.code, reason: "\(error.reason)")
                }
                codes.append(self.version == 5 ? error.code.rawValue : 0x80)
            }
        }
        self.activate(granted, session) { [weak self] isStored in
            guard let self, self.session === session else { return }
            let answer = isStored ? codes : codes.map { $0 < 0x80 ? (self.version == 5 ? ReasonCode.unspecifiedError.rawValue : 0x80) : $0 }
            self.output.writeSubscriptionAcknowledgement(.suback, packet.packetID, version: self.version, codes: answer)
            self.shard.markDirty(self)
            if isStored { self.oweRetained(granted, session) }
            self.announceSubscriptions("subscribed", granted.map(\.filter.text))
            self.noteSubscribed(granted.map { ($0.filter.text, $0.options.qos) })
        }
    }

    private struct GrantedSubscription {
        var filter: ExactText
        var options: SubscriptionOptions
        var isNew: Bool
    }

    private func grant(
        _ filter: UnsafeRawBufferPointer, _ options: SubscriptionOptions, _ session: Session, pending: [GrantedSubscription]
    ) -> Result<GrantedSubscription, WireError> {
        Result { () throws(WireError) in
            let share = try ShareName.parse(filter)
            let inner = UnsafeRawBufferPointer(rebasing: filter[(share?.filterStart ?? 0)...])
            guard MQTTText.isValidFilter(inner) else { throw WireError(.topicFilterInvalid, "filter is not well-formed") }
            if inner.count > self.profile.maxTopicBytes || MQTTText.levels(inner) > self.profile.maxTopicLevels {
                throw WireError(.topicFilterInvalid, "filter is too long or too deep")
            }
            if inner.first == UInt8(ascii: "$") && !inner.hasPrefix("$aws/") && !self.profile.allowsOtherDollarTopics {
                self.noteDenied(.subscribe, String(decoding: filter, as: UTF8.self), "the filter is reserved")
                throw WireError(.notAuthorized, "the filter is reserved")
            }
            let name = ExactText(filter)
            let isNew = session.subscriptions[name] == nil && !pending.contains { $0.filter == name }
            let added = pending.reduce(0) { $0 + ($1.isNew ? 1 : 0) }
            if isNew && session.subscriptions.count + added >= self.profile.maxSubscriptionsPerSession {
                throw WireError(.quotaExceeded, "too many subscriptions")
            }
            if share != nil && isNew && !self.hasRoomInGroup(name) { throw WireError(.quotaExceeded, "too many share groups or members") }
            let decision = self.decide(.subscribe, name.text)
            guard decision.isAllowed else {
                self.shard.counters.deniedSubscribe += 1
                self.logDenial(.subscribe, name.text, decision)
                throw WireError(.notAuthorized, "not authorized to subscribe to this filter")
            }
            var options = options
            options.qos = min(options.qos, self.profile.maximumQoS)
            return GrantedSubscription(filter: name, options: options, isNew: isNew)
        }
    }

    private func hasRoomInGroup(_ filter: ExactText) -> Bool {
        if let group = self.shard.groups[filter] { return group.members.count < self.profile.maxMembersPerGroup }
        return self.shard.groups.count < self.profile.maxShareGroups
    }

    private func activate(_ granted: [GrantedSubscription], _ session: Session, then: @escaping (Bool) -> Void) {
        if granted.isEmpty { return then(true) }
        var left = granted.count + 1
        var isStored = true
        let one = {
            left -= 1
            if left == 0 { then(isStored) }
        }
        for subscription in granted {
            self.shard.subscribe(session, subscription.filter, subscription.options, done: one)
            if session.isPersistent {
                let options = subscription.options
                self.shard.journal.record(
                    .subscribe(
                        session: session.id, filter: subscription.filter.text, options: options.byte, identifier: options.identifier))
            }
        }
        guard session.isPersistent else { return one() }
        self.shard.journal.record(.nothing) { result in
            isStored = result
            one()
        }
        self.shard.scheduleFlush()
    }

    /// Retained messages for new subscriptions (MQTT 5.0 §3.3.1.3, §3.8.3.1).
    private func oweRetained(_ granted: [GrantedSubscription], _ session: Session) {
        for subscription in granted {
            let options = subscription.options
            if options.retainHandling == 2 || (options.retainHandling == 1 && !subscription.isNew) { continue }
            if self.shard.isShared(subscription.filter) { continue }
            var text = subscription.filter.text
            let filter = text.withUTF8 {
                TopicFilter(UnsafeRawBufferPointer($0), multiLevelMatchesParent: self.profile.multiLevelWildcardMatchesParent)
            }
            if filter.hasWildcard && !self.profile.retainedForWildcards { continue }
            for body in self.shard.shared.retained.matching(filter) {
                guard session.retainedQueue.count < self.profile.maxOwedRetained else {
                    self.shard.counters.droppedQueueFull += 1
                    continue
                }
                session.retainedQueue.append(RetainedDelivery(body: body, qos: options.qos, identifier: options.identifier))
            }
        }
        self.shard.pump(session)
    }

    private static func isWellFormed(_ filter: UnsafeRawBufferPointer) -> Bool {
        guard let share = try? ShareName.parse(filter) else { return MQTTText.isValidFilter(filter) && !filter.hasPrefix("$share/") }
        return MQTTText.isValidFilter(UnsafeRawBufferPointer(rebasing: filter[share.filterStart...]))
    }

    /// UNSUBSCRIBE (MQTT 5.0 §3.10.4).
    func handleUnsubscribe(_ packet: UnsubscribePacket, _ session: Session) {
        var codes: [UInt8] = []
        var ended: [String] = []
        for bytes in packet.filters {
            guard bytes.withUnsafeBytes({ Self.isWellFormed($0) }) else {
                codes.append(ReasonCode.topicFilterInvalid.rawValue)
                continue
            }
            let filter = bytes.withUnsafeBytes { ExactText($0) }
            let existed = self.shard.unsubscribe(session, filter)
            codes.append((existed ? ReasonCode.success : .noSubscriptionExisted).rawValue)
            guard existed else { continue }
            ended.append(filter.text)
            if session.isPersistent { self.shard.journal.record(.unsubscribe(session: session.id, filter: filter.text)) }
        }
        let answer = { [weak self] in
            guard let self, self.session === session else { return }
            self.output.writeSubscriptionAcknowledgement(.unsuback, packet.packetID, version: self.version, codes: codes)
            self.shard.markDirty(self)
            self.announceSubscriptions("unsubscribed", ended)
        }
        guard session.isPersistent, !ended.isEmpty else { return answer() }
        self.shard.journal.record(.nothing) { _ in answer() }
        self.shard.scheduleFlush()
    }
}
