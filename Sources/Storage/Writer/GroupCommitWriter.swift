internal import CoreMetrics
internal import Dispatch
internal import GRDB
internal import Synchronization

/// Commits many writes with one sync: each transaction takes all that queued while the one before it was syncing.
///
/// Runs on the serial queue of GRDB's writer connection, never on an event loop.
///
/// Order of events: jobs queue → one transaction (`BEGIN IMMEDIATE`, the bodies, `COMMIT`, which syncs the WAL) → completions →
/// upkeep (checkpoint, giving back free pages). So a slow checkpoint holds back no acknowledgement whose data is on disk.
final class GroupCommitWriter: Sendable {
    /// Bodies in one transaction: enough to make the sync's share of each vanish, few enough to keep a commit about as long as a sync.
    static let maxBodiesPerTransaction = 1024
    /// Changed rows after which a transaction takes no more bodies: about 0.1 s of work.
    static let maxRowsPerTransaction: Int32 = 10_000
    /// Writes that may wait before `submit` refuses more.
    static let maxOutstandingJobs = 65_536

    struct Job: Sendable {
        let body: @Sendable (any StoreConnection) throws -> Void
        let completion: @Sendable ((any Error)?) -> Void
    }

    private let database: DatabaseQueue
    private let path: String
    private let queue: Mutex<WriteQueue<Job>>
    private let queueLimit: Int
    private let metrics: StorageMetrics
    private let upkeep: Upkeep
    /// The writer connection's wrapper, kept for its compiled statements. Touched on the writer's queue only.
    private let connection = QueueBound<SQLiteConnection?>(nil)

    init(database: DatabaseQueue, path: String, upkeep: Upkeep, metrics: StorageMetrics, queueLimit: Int = maxOutstandingJobs) {
        self.database = database
        self.path = path
        self.upkeep = upkeep
        self.metrics = metrics
        self.queueLimit = queueLimit
        self.queue = Mutex(WriteQueue(limit: queueLimit))
    }

    /// - Parameter mayWait: true when the caller is suspended until the completion.
    func submit(_ job: Job, mayWait: Bool) {
        let action = self.queue.withLock { $0.submit(job, mayExceedLimit: mayWait) }
        switch action {
        case .none: break
        case .wakeWriter: self.database.asyncWriteWithoutTransaction { self.drain($0) }
        case .refuseFull: job.completion(StoreError.overloaded(limit: self.queueLimit))
        case .refuseClosed: job.completion(StoreError.closed)
        }
    }

    /// Refuses new writes and returns when those queued are done. False if another caller closed it before.
    func close() async -> Bool {
        guard self.queue.withLock({ $0.close() }) else { return false }
        // Drains run on the serial queue, and the last one that was started leaves nothing behind; so what runs after it finds the end.
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            self.database.asyncWriteWithoutTransaction { _ in
                self.connection.value = nil
                done.resume()
            }
        }
        return true
    }

    // MARK: On the writer's queue

    /// Runs transactions until nothing is queued.
    private func drain(_ database: Database) {
        while true {
            let jobs = self.queue.withLock { $0.take(maximum: Self.maxBodiesPerTransaction) }
            guard !jobs.isEmpty else { break }
            var rest = jobs[...]
            while !rest.isEmpty {
                let done = self.commit(&rest, in: database)
                self.complete(done)
                self.upkeep.committed(database)
            }
        }
        self.upkeep.becameIdle()
    }

    /// Runs the first of `jobs` in one transaction and removes them. Returns each with its outcome: on disk, or an error.
    private func commit(_ jobs: inout ArraySlice<Job>, in database: Database) -> [(job: Job, error: (any Error)?)] {
        let started = DispatchTime.now().uptimeNanoseconds
        var outcomes: [(job: Job, error: (any Error)?)] = []
        do {
            let connection = self.connection(for: database)
            try connection.control("BEGIN IMMEDIATE")
            let rowsBefore = connection.totalChangeCount
            while let job = jobs.first, connection.totalChangeCount &- rowsBefore < Self.maxRowsPerTransaction {
                jobs.removeFirst()
                outcomes.append((job, self.run(job, connection)))
                guard connection.isInTransaction else {
                    // Full disks end transactions so; what another body threw of its own is no reason that those before it failed.
                    throw outcomes.last?.error as? StoreError ?? .transactionLost("the database gave the transaction up")
                }
            }
            try connection.control("COMMIT")
            self.metrics.committed(bodies: outcomes.count, nanoseconds: DispatchTime.now().uptimeNanoseconds - started)
        } catch {
            self.rollBack(database)
            self.metrics.failed()
            let error = StoreError.translating(error, path: self.path)
            // A transaction that could not begin takes all with it: trying each alone would have each wait for a lock's timeout.
            if outcomes.isEmpty {
                outcomes = jobs.map { ($0, error) }
                jobs = []
            }
            // Those that failed by themselves keep their own reason.
            outcomes = outcomes.map { ($0.job, $0.error ?? error) }
        }
        return outcomes
    }

    private func run(_ job: Job, _ connection: SQLiteConnection) -> (any Error)? {
        do {
            try connection.isolating(job.body)
            return nil
        } catch {
            return StoreError.translating(error, path: self.path)
        }
    }

    private func rollBack(_ database: Database) {
        guard let connection = self.connection.value, connection.isInTransaction else { return }
        // A rollback that fails leaves the transaction to the next BEGIN, which then fails and comes here again.
        try? connection.control("ROLLBACK")
    }

    private func complete(_ outcomes: [(job: Job, error: (any Error)?)]) {
        for outcome in outcomes {
            outcome.job.completion(outcome.error)
        }
        let outstanding = self.queue.withLock { queue in
            queue.finished(outcomes.count)
            return queue.outstanding
        }
        self.metrics.queued(outstanding)
    }

    private func connection(for database: Database) -> SQLiteConnection {
        if let connection = self.connection.value { return connection }
        let connection = SQLiteConnection(database, path: self.path)
        self.connection.value = connection
        return connection
    }
}
