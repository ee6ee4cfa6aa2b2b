import Logging
import Storage
import Synchronization

/// What is on disk only.
extension RuleJournal {
    /// Finds what was not finished when the server stopped. Once, before anything is added.
    ///
    /// - Parameter rules: those that there are; messages of others are forgotten.
    func load(of rules: Set<String>) async throws {
        let rows = try await self.store.read { connection in
            try connection.query("SELECT id, rule, LENGTH(message), done FROM rule_journal ORDER BY id").map { row in
                (id: try row.integer(0), rule: try row.text(1), bytes: try row.integer(2), done: try row.integer(3))
            }
        }
        var gone: [String: Int] = [:]
        for row in rows {
            let isThere = rules.contains(row.rule)
            self.state.withLock { state in
                state.lastID = max(state.lastID, row.id)
                state.queue.adopt(row.id)
                let message = RuleBacklog.Message(id: row.id, delivered: UInt64(bitPattern: row.done), bytes: Int(row.bytes))
                if isThere { state.backlog.add(message, of: row.rule) }
            }
            if !isThere {
                gone[row.rule, default: 0] += 1
                self.forget(row.id)
            }
        }
        for (rule, count) in gone { self.logGone(rule, count) }
    }

    /// A rule was deleted: what waits for it goes.
    func forgetBacklog(of rule: String) {
        let messages = self.state.withLock { $0.backlog.take(rule, atMost: .max) }
        for message in messages { self.forget(message.id) }
        if !messages.isEmpty { self.logGone(rule, messages.count) }
    }

    private func logGone(_ rule: String, _ count: Int) {
        self.logger.warning(
            "messages that waited for a rule are dropped: the rule is gone", metadata: ["rule": "\(rule)", "count": "\(count)"])
    }

    /// Whether one more message of the rule may be put off.
    func mayPutOff(_ rule: String) -> Bool {
        self.state.withLock {
            $0.backlog.hasRoom(for: rule, maxCount: self.limits.maxPutOff, maxBytes: self.limits.maxPutOffBytes)
        }
    }

    /// All that can be done now of a message is done; it leaves memory, as soon as it is on disk.
    func leave(_ invocation: RuleInvocation) {
        guard let id = invocation.journalID else { return }
        let delivered = invocation.delivered
        let (isOnDisk, writes) = self.state.withLock { state in
            guard state.queue.leave(id) else { return (false, false) }
            state.backlog.add(invocation)
            return (true, delivered != 0 && state.queue.update(id, delivered: delivered, isFinished: false))
        }
        if writes { self.write() }
        if isOnDisk { self.hooks.withLock { $0 }.putOff(invocation.rule.definition.name) }
    }

    func beginTakingUp(_ rule: String) -> Bool { self.state.withLock { $0.backlog.begin(rule) } }
    func endTakingUp(_ rule: String) { self.state.withLock { $0.backlog.end(rule) } }
    func backlogCount(of rule: String) -> Int { self.state.withLock { $0.backlog.count(of: rule) } }

    /// The oldest messages of a rule's backlog, with the bits of their actions that need not run again.
    ///
    /// - Throws: what the store says; they stay in the backlog then.
    func takeUp(_ rule: String, atMost limit: Int) async throws -> [(id: Int64, message: RuleMessage, delivered: UInt64)] {
        let taken = self.state.withLock { $0.backlog.take(rule, atMost: limit) }
        let rows: [[UInt8]?]
        do {
            rows = try await self.store.read { connection in
                try taken.map { message in
                    try connection.queryOne("SELECT message FROM rule_journal WHERE id = ?", [.integer(message.id)])?.blob(0)
                }
            }
        } catch {
            self.state.withLock { $0.backlog.giveBack(taken, of: rule) }
            throw error
        }
        var found: [(Int64, RuleMessage, UInt64)] = []
        for (message, bytes) in zip(taken, rows) {
            if let read = bytes.flatMap({ RuleMessage(decoding: $0) }) {
                self.state.withLock { $0.queue.takeUp(message.id) }
                found.append((message.id, read, message.delivered))
            } else {
                self.logger.error(
                    "a journalled message is damaged and dropped: its row is not what was written", metadata: ["rule": "\(rule)"])
                self.forget(message.id)
            }
        }
        return found
    }
}
