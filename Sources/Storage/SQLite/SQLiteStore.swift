internal import Dispatch
internal import GRDB
internal import Logging
internal import Synchronization

/// The embedded store: one SQLite database with a group-commit writer and readers beside it.
package final class SQLiteStore: Store {
    /// Reads that may run or wait before more are refused.
    static let maxOutstandingReads = 65_536

    /// The connection that writes; of a database in memory the only one.
    private let database: DatabaseQueue
    /// The connections that read; none of a database in memory.
    private let readerQueues: [DatabaseQueue]
    private let writer: GroupCommitWriter
    private let readers: SnapshotReaders
    private let upkeep: Upkeep
    private let checkpointer: Checkpointer?
    private let path: String
    private let logger: Logger
    /// Held as long as the store is open; nil in memory.
    private let lock: Mutex<FolderLock?>

    init(
        database: DatabaseQueue, readers: [DatabaseQueue], path: String, checkpointer: Checkpointer?, lock: FolderLock?, logger: Logger
    ) {
        self.database = database
        self.readerQueues = readers
        self.path = path
        self.checkpointer = checkpointer
        self.upkeep = Upkeep(writer: database, checkpointer: checkpointer, logger: logger)
        self.writer = GroupCommitWriter(database: database, path: path, upkeep: self.upkeep, metrics: StorageMetrics())
        self.readers = SnapshotReaders(queues: readers.isEmpty ? [database] : readers, path: path, limit: Self.maxOutstandingReads)
        self.lock = Mutex(lock)
        self.logger = logger
    }

    // MARK: Writing

    package func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let result = QueueBound<T?>(nil)
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
            let job = self.readJob(body) { continuation.resume(with: $0) }
            self.readers.submit(job, mayWait: true)
        }
    }

    package func submitRead(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void,
        completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let job = self.readJob(body) { result in
            switch result {
            case .success: completion(nil)
            case .failure(let error): completion(error)
            }
        }
        self.readers.submit(job, mayWait: false)
    }

    private func readJob<T: Sendable>(
        _ body: @escaping @Sendable (any StoreConnection) throws -> T, completion: @escaping @Sendable (Result<T, any Error>) -> Void
    ) -> SnapshotReaders.Job {
        .init(
            run: { connection in
                completion(Result { try body(connection) }.mapError { StoreError.translating($0, path: self.path) })
            },
            fail: { completion(.failure($0)) })
    }

    // MARK: Closing

    package func close() async {
        self.upkeep.stop()
        guard await self.writer.close() else { return }
        await self.readers.close()
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
            for reader in self.readerQueues { try reader.close() }
            try self.checkpointer?.close()
            // The last connection copies the log, so it must be one that can write.
            try self.database.close()
        } catch {
            self.logger.warning(
                "The database was not closed cleanly; nothing is lost, the next start reads its log",
                metadata: ["path": "\(self.path)", "error": "\(error)"])
        }
        self.lock.withLock { $0 = nil }
    }
}
