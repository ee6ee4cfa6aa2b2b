import Logging

/// What a connection was allowed or denied, by action and topic, until permissions change.
struct DecisionCache {
    private struct Key: Hashable {
        var action: TopicAction
        var topic: ExactText
    }

    private var decisions: [Key: AccessDecision] = [:]

    func find(_ action: TopicAction, _ topic: String) -> AccessDecision? {
        self.decisions.isEmpty ? nil : self.decisions[Key(action: action, topic: ExactText(topic))]
    }

    mutating func insert(_ decision: AccessDecision, _ action: TopicAction, _ topic: String, limit: Int) {
        if self.decisions.count >= limit { self.decisions.removeAll(keepingCapacity: true) }
        self.decisions[Key(action: action, topic: ExactText(topic))] = decision
    }

    mutating func removeAll() { self.decisions = [:] }
}

extension MQTTConnectionHandler {
    /// Asks the authority, or remembers its answer.
    func decide(_ action: TopicAction, _ topic: String) -> AccessDecision {
        if let known = self.decisions.find(action, topic) { return known }
        guard let authority = self.authority else {
            return AccessDecision(isAllowed: false, isCacheable: false, explanation: "the connection has no authority")
        }
        let decision = authority.decide(action, topic)
        if decision.isCacheable { self.decisions.insert(decision, action, topic, limit: self.profile.maxCachedDecisions) }
        return decision
    }

    /// `iot:Receive` for a message that is sent now.
    func mayReceive(_ topic: UnsafeRawBufferPointer) -> Bool {
        let text = String(decoding: topic, as: UTF8.self)
        let decision = self.decide(.receive, text)
        if decision.isAllowed { return true }
        self.shard.counters.deniedReceive += 1
        self.logDenial(.receive, text, decision)
        return false
    }

    /// Users of AWS IoT complain first that a denied client is just hung up on: the log says which statement decided.
    func logDenial(_ action: TopicAction, _ topic: String, _ decision: AccessDecision) {
        self.shard.logger.notice(
            "denied",
            metadata: [
                "client": "\(self.clientID)", "principal": "\(self.facts.principal.id)", "action": "\(action.rawValue)",
                "topic": "\(topic)", "reason": "\(decision.explanation)",
            ])
        self.noteDenied(action, topic, decision.explanation)
    }

    /// Its permissions changed.
    func authorityChanged() {
        self.decisions.removeAll()
        self.lastRoute = nil
        self.mayPublishOnLastRoute = false
        self.findAddedProperties()
        // The routes of what it is subscribed to say whether it may receive.
        if self.session?.subscriptions.isEmpty == false { self.shard.invalidateRoutes() }
    }
}
