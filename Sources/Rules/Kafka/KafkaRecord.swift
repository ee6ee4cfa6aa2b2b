import Synchronization

/// One message for Kafka.
struct KafkaRecord: Sendable {
    struct Header: Sendable, Equatable {
        let name: String
        let value: String
    }

    let topic: String
    /// Nil lets the client choose, by the key if there is one.
    let partition: Int32?
    let key: [UInt8]?
    let value: [UInt8]
    let headers: [Header]

    /// Kafka's own limit of a topic's name.
    static let maxTopicCharacters = 249

    /// Whether Kafka takes it as the name of a topic.
    static func isTopic(_ text: String) -> Bool {
        guard !text.isEmpty, text.utf8.count <= Self.maxTopicCharacters, text != ".", text != ".." else { return false }
        return text.utf8.allSatisfy {
            $0 >= 0x61 && $0 <= 0x7A || $0 >= 0x41 && $0 <= 0x5A || $0 >= 0x30 && $0 <= 0x39 || "._-".utf8.contains($0)
        }
    }
}

/// Several messages on their way, and who waits for all of them.
final class KafkaBatch: Sendable {
    private struct State: Sendable {
        var outcomes: [ActionOutcome]
        var left: Int
    }

    private let state: Mutex<State>
    private let finished: @Sendable ([ActionOutcome]) -> Void

    /// - Parameters:
    ///   - count: at least one.
    ///   - finished: called once, with an outcome for each message.
    init(count: Int, finished: @escaping @Sendable ([ActionOutcome]) -> Void) {
        self.state = Mutex(State(outcomes: [ActionOutcome](repeating: .done, count: count), left: count))
        self.finished = finished
    }

    /// Once for each place.
    func finish(_ place: Int, _ outcome: ActionOutcome) {
        let all: [ActionOutcome]? = self.state.withLock { state in
            state.outcomes[place] = outcome
            state.left -= 1
            return state.left == 0 ? state.outcomes : nil
        }
        if let all { self.finished(all) }
    }
}
