internal import Dispatch
internal import GRDB
internal import GRDBSQLite
internal import Logging
internal import Synchronization

/// Moves committed pages from the write-ahead log into the database file, so that the log is used again from its start instead of growing.
///
/// In two steps, because copying 16 MB takes tens of milliseconds, which no acknowledgement should wait for:
/// 1. a connection of its own copies what is in the log while the writer goes on appending, then what came meanwhile, until little did;
/// 2. the writer copies the few pages that are left between two transactions. The log is then wholly copied, and SQLite starts it
///    afresh with the next write (https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files).
///
/// A reader whose snapshot is in the log keeps it from starting afresh; past `maxPages` the writer waits for such readers.
final class Checkpointer: Sendable {
    /// Pages in the log after which it is copied: 16 MB.
    static let pagesPerCheckpoint = 4096
    /// Pages in the log after which the writer waits for readers to let go of it: 256 MB.
    static let maxPages = 65_536
    /// Pages that the writer may copy itself, about 2 ms of it.
    static let pagesLeftToWriter = 256
    /// Copies in a row, should the writer append as fast as they go.
    static let maxCopies = 4

    private enum Phase {
        case resting
        case copying
        case copied
    }

    private let writer: DatabaseQueue
    private let copier: DatabaseQueue
    private let logger: Logger
    private let phase = Mutex(Phase.resting)
    private let size = QueueBound(WALSize())
    /// Pages that the log held when it was last wholly copied and has not started afresh since.
    private let copiedPages = QueueBound(0)

    /// - Parameter copier: a second connection to the same file.
    init(writer: DatabaseQueue, copier: DatabaseQueue, logger: Logger) throws {
        self.writer = writer
        self.copier = copier
        self.logger = logger
        writer.writeWithoutTransaction { self.size.value.attach(to: $0) }
    }

    /// Closes the second connection; the writer's own close copies what is left.
    func close() throws {
        try self.copier.close()
    }

    // MARK: On the writer's queue

    /// Called between two transactions.
    func committed(_ database: Database) {
        let pages = self.size.value.pages
        if pages < self.copiedPages.value { self.copiedPages.value = 0 }
        switch self.phase.withLock({ $0 }) {
        case .resting where pages - self.copiedPages.value >= Self.pagesPerCheckpoint: self.startCopying()
        case .resting, .copying: break
        case .copied: self.finish(database)
        }
    }

    /// Copies the log whatever its size, for instance so that a database that shrank gives its space back.
    func startCopying() {
        let starts = self.phase.withLock { phase in
            guard case .resting = phase else { return false }
            phase = .copying
            return true
        }
        guard starts else { return }
        self.copier.asyncWriteWithoutTransaction { copier in
            self.copyUntilLittleIsLeft(copier)
            self.phase.withLock { $0 = .copied }
            // A busy writer looks at the phase after each commit; an idle one has to be told.
            self.writer.asyncWriteWithoutTransaction { self.committed($0) }
        }
    }

    private func copyUntilLittleIsLeft(_ copier: Database) {
        var copied = 0
        for _ in 0..<Self.maxCopies {
            let pages = self.checkpoint(copier, mode: SQLITE_CHECKPOINT_PASSIVE)
            if pages - copied <= Self.pagesLeftToWriter { return }
            copied = pages
        }
    }

    private func finish(_ database: Database) {
        self.phase.withLock { $0 = .resting }
        let isTooLong = self.size.value.pages > Self.maxPages
        self.checkpoint(database, mode: isTooLong ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE)
        self.copiedPages.value = self.size.value.pages
    }

    /// Returns how many pages of the log are in the database file now.
    @discardableResult
    private func checkpoint(_ database: Database, mode: CInt) -> Int {
        var copied: CInt = 0
        // Nil once the store has been closed, which copies the log itself.
        guard let connection = database.sqliteConnection else { return 0 }
        let code = sqlite3_wal_checkpoint_v2(connection, "main", mode, nil, &copied)
        // Busy: someone else (a backup tool) copies, or readers hold on. The log keeps all; the next commits try again.
        guard code != SQLITE_OK, code != SQLITE_BUSY else { return max(0, Int(copied)) }
        self.logger.warning(
            "The write-ahead log could not be copied into the database; nothing is lost, it is tried again",
            metadata: ["error": "\(database.lastErrorMessage ?? "code \(code)")"])
        return 0
    }
}
