internal import Dispatch
internal import GRDB
internal import Synchronization

/// Runs reads on a few connections, many of them in one snapshot.
///
/// Taking a snapshot and leaving it costs more than what most reads do in it (GRDB's own reads, each in a transaction of its own, took
/// 37 µs of processor time where the query takes 2), so a reader takes one for all that waits.
final class SnapshotReaders: Sendable {
    /// How long a job may wait for a reader that runs before another one is woken.
    static let patienceMilliseconds = 1

    struct Job: Sendable {
        let run: @Sendable (any StoreConnection) -> Void
        /// Called instead of `run` when it cannot be.
        let fail: @Sendable (any Error) -> Void
    }

    private struct Reader {
        let queue: DatabaseQueue
        /// Kept for its compiled statements.
        let connection = QueueBound<SQLiteConnection?>(nil)
    }

    private let readers: [Reader]
    private let path: String
    private let jobs: Mutex<ReadQueue<Job>>

    /// - Parameter queues: the connections; of a database in memory the one that there is.
    init(queues: [DatabaseQueue], path: String, limit: Int) {
        self.readers = queues.map { Reader(queue: $0) }
        self.path = path
        self.jobs = Mutex(ReadQueue(readers: queues.count, limit: limit))
    }

    /// - Parameter mayWait: true when the caller is suspended until the completion.
    func submit(_ job: Job, mayWait: Bool) {
        let (action, limit) = self.jobs.withLock { ($0.submit(job, mayExceedLimit: mayWait), $0.limit) }
        switch action {
        case .none: break
        case .lookLater: self.lookLater()
        case .wake(let reader): self.wake(reader)
        case .refuseFull: job.fail(StoreError.overloaded(limit: limit))
        case .refuseClosed: job.fail(StoreError.closed)
        }
    }

    /// Refuses new reads and returns when those queued are done and the connections hold nothing any more.
    func close() async {
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            self.jobs.withLock { $0.close { done.resume() } }?()
        }
        for reader in self.readers {
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                reader.queue.asyncWriteWithoutTransaction { _ in
                    reader.connection.value = nil
                    done.resume()
                }
            }
        }
    }

    private func wake(_ reader: Int) {
        self.readers[reader].queue.asyncWriteWithoutTransaction { self.serve($0, reader: reader) }
    }

    private func lookLater() {
        DispatchQueue.global(qos: .userInitiated).asyncAfter(deadline: .now() + .milliseconds(Self.patienceMilliseconds)) {
            let action = self.jobs.withLock { $0.look() }
            if let reader = action.wake { self.wake(reader) }
            if action.looksAgain { self.lookLater() }
        }
    }

    // MARK: On a reader's queue

    private func serve(_ database: Database, reader: Int) {
        // Before the snapshot itself, which SQLite takes with the first query.
        var snapshot = self.jobs.withLock { $0.snapshot() }
        self.run(&snapshot, self.connection(for: database, reader: reader))
        switch self.jobs.withLock({ $0.ended(&snapshot, reader: reader) }) {
        // By way of the queue, which the writer may share (in memory).
        case .takeAnother: self.wake(reader)
        case .rest(let action): action?()
        }
    }

    private func run(_ snapshot: inout ReadQueue<Job>.Snapshot, _ connection: SQLiteConnection) {
        var failure = self.begin(connection)
        while true {
            let jobs = self.jobs.withLock { $0.take(in: &snapshot) }
            if jobs.isEmpty { break }
            for job in jobs {
                if let failure { job.fail(failure) } else { job.run(connection) }
                // Some errors of a device end the transaction; those behind must not see a moment each.
                if failure == nil, !connection.isInTransaction { failure = self.begin(connection) }
            }
        }
        guard failure == nil else { return }
        // What does not end here is ended by the next begin.
        try? connection.control("COMMIT")
    }

    private func begin(_ connection: SQLiteConnection) -> (any Error)? {
        do {
            if connection.isInTransaction { try connection.control("ROLLBACK") }
            try connection.control("BEGIN DEFERRED")
            return nil
        } catch {
            return StoreError.translating(error, path: self.path)
        }
    }

    private func connection(for database: Database, reader: Int) -> SQLiteConnection {
        let bound = self.readers[reader].connection
        if let connection = bound.value { return connection }
        let connection = SQLiteConnection(database, path: self.path)
        bound.value = connection
        return connection
    }
}
