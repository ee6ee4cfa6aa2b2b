import Synchronization

/// The producers that run: one for each set of properties, shared by all actions.
final class KafkaProducers: Sendable {
    /// Each has threads and connections of its own. Past it an idle one makes room; when none is idle messages wait and are tried again.
    static let maxProducers = 32
    /// A producer that nobody used for so long ends.
    static let idleTime = Duration.seconds(60)

    private struct Entry {
        let producer: KafkaProducer
        /// Those that send with it now.
        var users: Int
        var lastUse: ContinuousClock.Instant
    }

    private struct State {
        var entries: [KafkaSettings: Entry] = [:]
        var isStopped = false
    }

    private let state = Mutex(State())

    init() {}

    /// Those that run.
    var count: Int { self.state.withLock { $0.entries.count } }

    func send(_ records: [KafkaRecord], with settings: KafkaSettings) async -> [ActionOutcome] {
        let producer: KafkaProducer
        do {
            producer = try self.acquire(settings)
        } catch {
            return records.map { _ in error.outcome }
        }
        let outcomes = await producer.send(records)
        self.release(settings, producer)
        return outcomes
    }

    /// Waits a little for messages under way. What comes later fails, and may be tried again.
    func shutdown() async {
        let producers = self.state.withLock { state in
            state.isStopped = true
            defer { state.entries = [:] }
            return state.entries.values.map(\.producer)
        }
        for producer in producers { producer.close() }
        for producer in producers { await producer.waitUntilEnded() }
    }

    private func acquire(_ settings: KafkaSettings) throws(ServiceFailure) -> KafkaProducer {
        let result: Result<KafkaProducer, ServiceFailure> = self.state.withLock { state in
            guard !state.isStopped else { return .failure(ServiceFailure(message: "The server stops.", mayRetry: true)) }
            if let producer = state.entries[settings]?.producer {
                state.entries[settings]?.users += 1
                return .success(producer)
            }
            if state.entries.count >= Self.maxProducers, !Self.makeRoom(&state) {
                return .failure(
                    ServiceFailure(
                        message: "Actions use more than \(Self.maxProducers) different sets of clientProperties at one time.",
                        mayRetry: true))
            }
            do throws(ActionProblem) {
                let producer = try KafkaProducer.open(settings) { [weak self] in self?.retire(settings, $0) ?? true }
                state.entries[settings] = Entry(producer: producer, users: 1, lastUse: .now)
                return .success(producer)
            } catch {
                return .failure(ServiceFailure(message: "\(error)", mayRetry: false))
            }
        }
        return try result.get()
    }

    /// Ends the producer that was idle for the longest time. Returns false when all are in use.
    private static func makeRoom(_ state: inout State) -> Bool {
        let idle = state.entries.filter { $0.value.users == 0 }
        guard let oldest = idle.min(by: { $0.value.lastUse < $1.value.lastUse }) else { return false }
        state.entries[oldest.key] = nil
        oldest.value.producer.close()
        return true
    }

    private func release(_ settings: KafkaSettings, _ producer: KafkaProducer) {
        self.state.withLock { state in
            guard state.entries[settings]?.producer === producer else { return }
            state.entries[settings]?.users -= 1
            state.entries[settings]?.lastUse = .now
        }
    }

    /// Whether a producer is to end because nobody needs it; then nobody gets it any more.
    private func retire(_ settings: KafkaSettings, _ producer: KafkaProducer) -> Bool {
        self.state.withLock { state in
            guard let entry = state.entries[settings], entry.producer === producer, entry.users == 0,
                ContinuousClock.now - entry.lastUse > Self.idleTime
            else { return false }
            state.entries[settings] = nil
            return true
        }
    }
}
