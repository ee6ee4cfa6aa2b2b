import NIOConcurrencyHelpers

/// The retained messages (MQTT 5.0 §3.3.1.3), all loops' together. A retained publish and a new subscription take its lock; other
/// messages never do.
package final class RetainedMessages: Sendable {
    private struct State {
        var messages: [ExactText: MessageBody] = [:]
        let tree = RetainedTree()
        /// Topics in byte order, made when a listing asks for it and dropped on a change of the set.
        var order: [String]?
        var bytes = 0
        var expiry = RetainedExpiry()

        mutating func remove(_ topic: ExactText) -> Bool {
            guard let old = self.messages.removeValue(forKey: topic) else { return false }
            self.tree.remove(old)
            self.bytes -= old.byteCount
            self.order = nil
            return true
        }
    }

    private let state = NIOLockedValueBox(State())
    private let maxMessages: Int
    private let maxBytes: Int

    init(profile: Profile) {
        self.maxMessages = profile.maxRetainedMessages
        self.maxBytes = profile.maxRetainedBytes
    }

    /// `false`: the limit is reached and nothing was changed.
    func set(_ body: MessageBody) -> Bool {
        let topic = ExactText(body.topic)
        return self.state.withLockedValue { state in
            let old = state.messages[topic]
            let bytes = state.bytes + body.byteCount - (old?.byteCount ?? 0)
            if old == nil && state.messages.count >= self.maxMessages || bytes > self.maxBytes { return false }
            state.messages[topic] = body
            state.tree.insert(body)
            state.bytes = bytes
            if old == nil { state.order = nil }
            state.expiry.add(body, topic)
            if state.expiry.isCrowded(live: state.messages.count) { state.expiry.rebuild(state.messages) }
            return true
        }
    }

    /// Whether there was one.
    func remove(_ topic: String) -> Bool {
        self.state.withLockedValue { $0.remove(ExactText(topic)) }
    }

    /// Removes messages whose time has come, `limit` at most, and returns their topics.
    func removeExpired(at now: Int64, limit: Int) -> [String] {
        self.state.withLockedValue { state in
            var topics: [String] = []
            while topics.count < limit, let entry = state.expiry.popDue(at: now) {
                guard state.messages[entry.topic]?.id == entry.id, state.remove(entry.topic) else { continue }
                topics.append(entry.topic.text)
            }
            return topics
        }
    }

    package var count: Int { self.state.withLockedValue { $0.messages.count } }

    /// Nil for one that has expired, too, though it is still there until the next sweep.
    package func get(_ topic: String) -> MessageBody? {
        guard let body = self.state.withLockedValue({ $0.messages[ExactText(topic)] }) else { return nil }
        return body.isExpired(at: wallMilliseconds()) ? nil : body
    }

    /// The next `limit` messages in byte order of their topics; those that have expired meanwhile among them, until the next sweep.
    package func list(after topic: String?, limit: Int) -> [MessageBody] {
        self.state.withLockedValue { state in
            let order = state.order ?? state.messages.keys.map(\.text).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            state.order = order
            var low = 0
            var high = order.count
            while let topic, low < high {
                let middle = (low + high) / 2
                if topic.utf8.lexicographicallyPrecedes(order[middle].utf8) { high = middle } else { low = middle + 1 }
            }
            return order[low...].prefix(limit).compactMap { state.messages[ExactText($0)] }
        }
    }

    /// Those that a filter matches.
    func matching(_ filter: TopicFilter) -> [MessageBody] {
        self.state.withLockedValue { state in
            guard filter.hasWildcard else { return state.messages[ExactText(filter.text)].map { [$0] } ?? [] }
            return state.tree.matches(filter)
        }
    }
}
