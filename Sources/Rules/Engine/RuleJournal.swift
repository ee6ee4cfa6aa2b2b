import Broker
import Logging
import Storage
import Synchronization

/// Keeps the messages of QoS 1 that rules have not finished with, so that a crash loses none.
final class RuleJournal: Sendable {
    struct Stored: Sendable {
        let id: Int64
        let rule: String
        let message: RuleMessage
        /// Bits of the actions that were done.
        let done: UInt64
    }

    private struct State {
        var queue = RuleJournalQueue()
        var lastID: Int64 = 0
    }

    private let store: any Store
    private let broker: Broker
    private let logger: Logger
    private let state = Mutex(State())

    init(store: any Store, broker: Broker, logger: Logger) {
        self.store = store
        self.broker = broker
        self.logger = logger
    }

    func nextID() -> Int64 {
        self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    /// What was not finished when the server stopped, in the order in which it came. Once, before anything is added.
    func load() async throws -> [Stored] {
        let rows = try await self.store.read { connection in
            try connection.query("SELECT id, rule, message, done FROM rule_journal ORDER BY id").map { row in
                (id: try row.integer(0), rule: try row.text(1), message: try row.blob(2), done: try row.integer(3))
            }
        }
        var stored: [Stored] = []
        for row in rows {
            self.state.withLock { state in
                state.lastID = max(state.lastID, row.id)
                state.queue.adopt(row.id)
            }
            guard let message = RuleMessage(decoding: row.message) else {
                self.logger.error(
                    "a journalled message is damaged and dropped: its row is not what was written", metadata: ["rule": "\(row.rule)"])
                self.forget(row.id)
                continue
            }
            stored.append(Stored(id: row.id, rule: row.rule, message: message, done: UInt64(bitPattern: row.done)))
        }
        return stored
    }

    func add(_ invocation: RuleInvocation, receipt: ServiceReceipt?) {
        if self.state.withLock({ $0.queue.add(RuleJournalQueue.Entry(invocation: invocation, receipt: receipt)) }) { self.write() }
    }

    /// Some of the invocation's actions are done, or all.
    func update(_ invocation: RuleInvocation) {
        guard let id = invocation.journalID else { return }
        let done = invocation.done
        let isFinished = invocation.isFinished
        if self.state.withLock({ $0.queue.update(id, done: done, isFinished: isFinished) }) { self.write() }
    }

    /// A row that nobody will finish.
    func forget(_ id: Int64) {
        if self.state.withLock({ $0.queue.update(id, done: 0, isFinished: true) }) { self.write() }
    }

    /// Waits until what was asked for is on disk.
    func drain() async {
        while !self.state.withLock({ $0.queue.isIdle }) {
            do { try await self.store.write { _ in } } catch { return }
        }
    }

    private func write() {
        let (batch, elided) = self.state.withLock { $0.queue.take() }
        self.broker.finish(elided, stored: true)
        self.store.submit { connection in
            for entry in batch.inserts {
                guard let id = entry.invocation.journalID else { continue }
                try connection.execute(
                    "INSERT INTO rule_journal (id, rule, message, done) VALUES (?, ?, ?, ?)",
                    [
                        .integer(id), .text(entry.invocation.rule.definition.name), .blob(entry.invocation.message.encoded()),
                        .integer(Int64(bitPattern: entry.invocation.done)),
                    ])
            }
            for (id, done) in batch.progress {
                try connection.execute(
                    "UPDATE rule_journal SET done = ? WHERE id = ?", [.integer(Int64(bitPattern: done)), .integer(id)])
            }
            for id in batch.deletes { try connection.execute("DELETE FROM rule_journal WHERE id = ?", [.integer(id)]) }
        } completion: { error in
            self.finish(batch, error)
        }
    }

    private func finish(_ batch: RuleJournalQueue.Batch, _ error: (any Error)?) {
        if let error {
            self.logger.error(
                "messages of rules could not be stored: their publishers are told", metadata: ["error": "\(error)"])
        }
        self.broker.finish(batch.inserts.compactMap(\.receipt), stored: error == nil)
        if self.state.withLock({ $0.queue.finish(batch, stored: error == nil) }) { self.write() }
    }
}
