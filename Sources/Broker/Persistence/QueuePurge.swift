import Logging
import Storage

/// Takes the queues of ended sessions from the disk, a few rows at a time, so that a large one does not hold up other writes.
actor QueuePurge {
    private let store: any Store
    private let logger: Logger
    private let (ended, continuation) = AsyncStream.makeStream(of: Int64.self)
    private var task: Task<Void, Never>?

    private static let rowsAtOnce = 64

    init(store: any Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    nonisolated func add(_ session: Int64) { self.continuation.yield(session) }

    func start() {
        self.task = Task { [ended] in
            for await session in ended { await self.purge(session) }
        }
    }

    /// What is left is found by the next start.
    func stop() async {
        self.continuation.finish()
        self.task?.cancel()
        await self.task?.value
    }

    private func purge(_ session: Int64) async {
        do {
            while !Task.isCancelled {
                let isDone = try await self.store.write { try Self.deleteRows(of: session, $0) }
                if isDone { return }
            }
        } catch {
            self.logger.error("cannot remove an ended session's queue", metadata: ["session": "\(session)", "error": "\(error)"])
        }
    }

    /// Whether no row is left.
    private static func deleteRows(of session: Int64, _ connection: any StoreConnection) throws -> Bool {
        let rows = try connection.query(
            "SELECT first_sequence, data FROM broker_queue WHERE session = ? ORDER BY first_sequence LIMIT ?",
            [.integer(session), .integer(Int64(self.rowsAtOnce))])
        // Messages below the head were finished, and their references went then; the row is there for those behind them.
        let head = UInt64(
            bitPattern: try connection.queryOne(
                "SELECT head FROM broker_head WHERE session = ?", [.integer(session)])?.integer(0) ?? 0)
        var references: [Int64: Int64] = [:]
        for row in rows {
            // What cannot be read goes all the same; at worst a shared body stays without a reader.
            _ = QueueCodec.decode(try row.blob(1)) { entry in
                if entry.sequence >= head, let id = entry.sharedID { references[id, default: 0] += 1 }
            }
            try connection.execute(
                "DELETE FROM broker_queue WHERE session = ? AND first_sequence = ?", [.integer(session), .integer(try row.integer(0))])
        }
        for (id, count) in references {
            try connection.execute(
                "UPDATE broker_message SET references_left = references_left - ? WHERE id = ?", [.integer(count), .integer(id)])
            try connection.execute("DELETE FROM broker_message WHERE id = ? AND references_left <= 0", [.integer(id)])
        }
        guard rows.count < self.rowsAtOnce else { return false }
        try connection.execute("DELETE FROM broker_head WHERE session = ?", [.integer(session)])
        return true
    }
}
