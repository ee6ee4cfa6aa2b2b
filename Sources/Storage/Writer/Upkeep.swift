internal import Dispatch
internal import GRDB
internal import Logging
internal import Synchronization

/// What the writer does besides transactions: checkpoints, and giving the pages of deleted rows back to the file system.
///
/// The database keeps free pages in a list (`auto_vacuum=INCREMENTAL`, https://www.sqlite.org/pragma.html#pragma_auto_vacuum) and
/// reuses them first. What stays free is cut off in small steps when nothing is queued, so that no write waits for more than one step.
final class Upkeep: Sendable {
    /// Free pages kept for reuse: 1 MB.
    static let keptFreePages = 256
    /// Pages given back in one step, about a millisecond of work and a sync.
    static let pagesPerStep = 256
    /// Quiet time before the first step.
    static let quietMilliseconds = 1000
    /// Pause between two steps, in which writes go first.
    static let pauseMilliseconds = 20

    private let writer: DatabaseQueue
    private let checkpointer: Checkpointer?
    private let logger: Logger
    private let isScheduled = QueueBound(false)
    private let isStopped = Mutex(false)

    /// - Parameter checkpointer: nil for a database in memory.
    init(writer: DatabaseQueue, checkpointer: Checkpointer?, logger: Logger) {
        self.writer = writer
        self.checkpointer = checkpointer
        self.logger = logger
    }

    /// No step starts after this.
    func stop() {
        self.isStopped.withLock { $0 = true }
    }

    // MARK: On the writer's queue

    func committed(_ database: Database) {
        self.checkpointer?.committed(database)
    }

    func becameIdle() {
        self.schedule(afterMilliseconds: Self.quietMilliseconds)
    }

    private func schedule(afterMilliseconds delay: Int) {
        guard !self.isScheduled.value else { return }
        self.isScheduled.value = true
        DispatchQueue.global(qos: .utility).asyncAfter(deadline: .now() + .milliseconds(delay)) { [weak self] in
            guard let self, !self.isStopped.withLock({ $0 }) else { return }
            self.writer.asyncWriteWithoutTransaction { self.giveBack($0) }
        }
    }

    private func giveBack(_ database: Database) {
        self.isScheduled.value = false
        guard !self.isStopped.withLock({ $0 }) else { return }
        do {
            let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            guard free > Self.keptFreePages else { return }
            let step = min(Self.pagesPerStep, free - Self.keptFreePages)
            try database.execute(sql: "PRAGMA incremental_vacuum(\(step))")
            let left = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
            // A database that was made by other tools may not be able to shrink.
            guard left < free else { return }
            if left > Self.keptFreePages {
                self.checkpointer?.committed(database)
                self.schedule(afterMilliseconds: Self.pauseMilliseconds)
            } else {
                // The file itself shrinks with the checkpoint.
                self.checkpointer?.startCopying()
            }
        } catch {
            // Free pages are reused in any case; the next quiet moment tries again.
            self.logger.debug("Free pages were not given back", metadata: ["error": "\(error)"])
        }
    }
}
