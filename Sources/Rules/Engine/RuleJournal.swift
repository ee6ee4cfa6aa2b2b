import Broker
import Logging
import Storage
import Synchronization

/// Keeps the messages of QoS 1 that rules have not finished with, so that a crash loses none.
///
/// Most of them are in memory too. What is on disk only, the backlog, is read again when its rule's actions have room.
final class RuleJournal: Sendable {
    struct State {
        var queue = RuleJournalQueue()
        var backlog = RuleBacklog()
        var lastID: Int64 = 0
    }

    /// After a write that failed, before the next one.
    private static let pauseAfterFailure = Duration.milliseconds(200)

    let store: any Store
    private let broker: Broker
    let limits: RulesLimits
    let logger: Logger
    let state = Mutex(State())
    let hooks = Mutex(Hooks())

    /// A structure around the function: a lock around a bare function wraps it once more each time that it is read.
    struct Hooks {
        var putOff: @Sendable (_ rule: String) -> Void = { _ in }
    }

    init(store: any Store, broker: Broker, limits: RulesLimits, logger: Logger) {
        self.store = store
        self.broker = broker
        self.limits = limits
        self.logger = logger
    }

    /// - Parameter body: called when one of a rule's messages has joined the backlog.
    func whenPutOff(_ body: @escaping @Sendable (_ rule: String) -> Void) { self.hooks.withLock { $0.putOff = body } }

    func nextID() -> Int64 {
        self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    func add(_ invocation: RuleInvocation, receipt: ServiceReceipt?) {
        if self.state.withLock({ $0.queue.add(RuleJournalQueue.Entry(invocation: invocation, receipt: receipt)) }) { self.write() }
    }

    /// Some of the invocation's actions are done, or all.
    func update(_ invocation: RuleInvocation) {
        guard let id = invocation.journalID else { return }
        let delivered = invocation.delivered
        let isFinished = invocation.isFinished
        if self.state.withLock({ $0.queue.update(id, delivered: delivered, isFinished: isFinished) }) { self.write() }
    }

    /// A row that nobody will finish.
    func forget(_ id: Int64) {
        if self.state.withLock({ $0.queue.update(id, delivered: 0, isFinished: true) }) { self.write() }
    }

    /// Waits until what was asked for is on disk, or `deadline`.
    func drain(until deadline: ContinuousClock.Instant) async {
        while !self.state.withLock({ $0.queue.isIdle }), .now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
    }

    func write() {
        let (batch, elided) = self.state.withLock { $0.queue.take() }
        self.broker.finish(elided, stored: true)
        self.store.submit { connection in
            for insert in batch.inserts {
                let invocation = insert.entry.invocation
                try connection.execute(
                    "INSERT INTO rule_journal (id, rule, message, done) VALUES (?, ?, ?, ?)",
                    [
                        .integer(insert.id), .text(invocation.rule.definition.name), .blob(invocation.message.encoded()),
                        .integer(Int64(bitPattern: insert.delivered)),
                    ])
            }
            for (id, delivered) in batch.progress {
                try connection.execute(
                    "UPDATE rule_journal SET done = ? WHERE id = ?", [.integer(Int64(bitPattern: delivered)), .integer(id)])
            }
            for id in batch.deletes { try connection.execute("DELETE FROM rule_journal WHERE id = ?", [.integer(id)]) }
        } completion: { error in
            self.finish(batch, error)
        }
    }

    private func finish(_ batch: RuleJournalQueue.Batch, _ error: (any Error)?) {
        self.broker.finish(batch.inserts.compactMap(\.entry.receipt), stored: error == nil)
        let (hasMore, left) = self.state.withLock { state in
            let (hasMore, left) = state.queue.finish(batch, stored: error == nil)
            for invocation in left { state.backlog.add(invocation) }
            return (hasMore, left)
        }
        let hooks = self.hooks.withLock { $0 }
        for rule in Set(left.map(\.rule.definition.name)) { hooks.putOff(rule) }
        // A closed store takes nothing any more; what is on disk goes on after the next start.
        if let error, (error as? StoreError) != .closed { return self.writeLater(hasMore, after: error) }
        if error == nil, hasMore { self.write() }
    }

    private func writeLater(_ hasMore: Bool, after error: any Error) {
        self.logger.error("messages of rules could not be stored: their publishers are told", metadata: ["error": "\(error)"])
        guard hasMore else { return }
        Task {
            try? await Task.sleep(for: Self.pauseAfterFailure)
            self.write()
        }
    }
}

extension RuleBacklog {
    mutating func add(_ invocation: RuleInvocation) {
        guard let id = invocation.journalID else { return }
        let bytes = invocation.message.sql.payload.count
        self.add(Message(id: id, delivered: invocation.delivered, bytes: bytes), of: invocation.rule.definition.name)
    }
}
