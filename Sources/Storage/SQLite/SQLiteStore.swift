internal import Dispatch
internal import GRDB
internal import Logging
internal import Synchronization

/// The embedded store: one SQLite database with a group-commit writer and concurrent readers.
package final class SQLiteStore: Store {
    /// Reads that may run or wait before more are refused.
    static let maxOutstandingReads = 65_536

    private let database: any DatabaseWriter
    private let writer: GroupCommitWriter
    private let upkeep: Upkeep
    private let checkpointer: Checkpointer?
    private let path: String
    private let logger: Logger
    private let reads = Mutex(ReadGate())
    /// Held as long as the store is open; nil in memory.
    private let lock: Mutex<FolderLock?>

    init(database: any DatabaseWriter, path: String, checkpointer: Checkpointer?, lock: FolderLock?, logger: Logger) {
        self.database = database
        self.path = path
        self.checkpointer = checkpointer
        self.upkeep = Upkeep(writer: database, checkpointer: checkpointer, logger: logger)
        self.writer = GroupCommitWriter(database: database, path: path, upkeep: self.upkeep, metrics: StorageMetrics())
        self.lock = Mutex(lock)
        self.logger = logger
    }

    // MARK: Writing

    package func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let result = WriterQueueBound<T?>(nil)
            let job = GroupCommitWriter.Job(
                body: { result.value = try body($0) },
                completion: { error in
                    if let error {
                        continuation.resume(throwing: error)
                    } else if let value = result.value {
                        continuation.resume(returning: value)
                    }
                })
            self.writer.submit(job, mayWait: true)
        }
    }

    package func submit(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void,
        completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        self.writer.submit(.init(body: body, completion: completion), mayWait: false)
    }

    // MARK: Reading

    package func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            self.enqueueRead(mayWait: true, body) { continuation.resume(with: $0) }
        }
    }

    package func submitRead(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void,
        completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        self.enqueueRead(mayWait: false, body) { result in
            switch result {
            case .success: completion(nil)
            case .failure(let error): completion(error)
            }
        }
    }

    private func enqueueRead<T: Sendable>(
        mayWait: Bool,
        _ body: @escaping @Sendable (any StoreConnection) throws -> T,
        completion: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        if let refusal = self.reads.withLock({ $0.enter(limit: mayWait ? Int.max : Self.maxOutstandingReads) }) {
            return completion(.failure(refusal))
        }
        self.database.asyncRead { access in
            let result = Result {
                let connection = SQLiteConnection(try access.get(), path: self.path)
                return try body(connection)
            }.mapError { StoreError.translating($0, path: self.path) }
            completion(result)
            // Resumed outside of the lock: what waits for the end may run at once.
            self.reads.withLock { $0.leave() }?()
        }
    }

    // MARK: Closing

    package func close() async {
        self.upkeep.stop()
        guard await self.writer.close() else { return }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            self.reads.withLock { $0.close { done.resume() } }?()
        }
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            // Closing waits for connections and copies the log: not on a thread of Swift's pool.
            DispatchQueue.global().async {
                self.closeDatabase()
                done.resume()
            }
        }
    }

    private func closeDatabase() {
        do {
            try self.checkpointer?.close()
            try self.database.close()
        } catch {
            self.logger.warning(
                "The database was not closed cleanly; nothing is lost, the next start reads its log",
                metadata: ["path": "\(self.path)", "error": "\(error)"])
        }
        self.lock.withLock { $0 = nil }
    }
}
