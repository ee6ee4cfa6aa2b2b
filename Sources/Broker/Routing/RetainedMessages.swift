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
            return true
        }
    }

    /// Whether there was one.
    func remove(_ topic: String) -> Bool {
        self.state.withLockedValue { state in
            guard let old = state.messages.removeValue(forKey: ExactText(topic)) else { return false }
            state.tree.remove(old)
            state.bytes -= old.byteCount
            state.order = nil
            return true
        }
    }

    package var count: Int { self.state.withLockedValue { $0.messages.count } }

    package func get(_ topic: String) -> MessageBody? {
        self.state.withLockedValue { $0.messages[ExactText(topic)] }
    }

    /// The next `limit` messages in byte order of their topics.
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
