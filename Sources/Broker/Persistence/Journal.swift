import Logging
import NIOCore
import Storage

/// What one event loop wants written, put together into one write at a time: while that is syncing, the next one gathers, and a message
/// that its receivers acknowledge meanwhile is not written at all.
final class Journal {
    /// Bytes of messages that may wait for the disk, per loop; beyond, new ones are refused as by a full queue.
    static let maxBytes = 256 << 20
    /// What an operation counts for, with what waits for it.
    private static let operationBytes = 512
    /// A row of the queue table holds at most so many bytes of messages, and so many messages.
    static let maxRunBytes = 256 << 10
    static let maxRunMessages = 512

    private let store: any Store
    private let eventLoop: any EventLoop
    private let logger: Logger
    private let totals: QueueTotals

    private var entries: [(session: Session, entry: QueuedPublish)] = []
    private var bytes = 0
    private var operations: [JournalOperation] = []
    private var completions: [(Bool) -> Void] = []
    private var dirtyHeads: [Session] = []
    /// References to shared bodies that are gone, by message.
    private var releases: [Int64: Int] = [:]
    private var writing: Writing?
    /// A write failed: the next one waits a little.
    private var isBackingOff = false
    private static let retryDelay = TimeAmount.seconds(1)

    private struct Writing {
        var entries: [(session: Session, entry: QueuedPublish)]
        var completions: [(Bool) -> Void]
        var operations: [JournalOperation]
        var heads: [Session]
        var releases: [Int64: Int]
    }

    /// Called for each session whose messages were stored by a commit.
    var onStored: ((Session) -> Void)?

    init(store: any Store, eventLoop: any EventLoop, logger: Logger, totals: QueueTotals) {
        self.store = store
        self.eventLoop = eventLoop
        self.logger = logger
        self.totals = totals
    }

    /// Writes that have ended so far: who reads the store while one ends may have read what was there before it.
    private(set) var writesDone: UInt64 = 0

    var isFull: Bool { self.bytes + self.operations.count * Self.operationBytes > Self.maxBytes }
    var isIdle: Bool { self.writing == nil && !self.hasWork }

    private var hasWork: Bool {
        !self.entries.isEmpty || !self.operations.isEmpty || !self.dirtyHeads.isEmpty || !self.releases.isEmpty
    }

    func isWriting(_ session: Session) -> Bool {
        self.entries.contains { $0.session === session } || (self.writing?.entries.contains { $0.session === session } ?? false)
    }

    // MARK: What is to be written

    func append(_ entry: QueuedPublish, for session: Session) {
        self.entries.append((session, entry))
        self.bytes += entry.body.byteCount
        entry.isAccounted = true
        session.accountedBytes += entry.body.byteCount
        self.totals.add(entry.body.byteCount)
    }

    /// `completion` is told on the event loop whether the operation is on disk.
    func record(_ operation: JournalOperation, completion: ((Bool) -> Void)? = nil) {
        self.operations.append(operation)
        if let completion { self.completions.append(completion) }
    }

    /// Called when all that was asked for so far is on disk (or was refused).
    func afterNextCommit(_ body: @escaping () -> Void) { self.record(.nothing) { _ in body() } }

    /// Called when all that was asked for so far is on disk, however often that has to be tried.
    func whenStored(_ body: @escaping () -> Void) {
        self.record(.nothing) { [weak self] isStored in if isStored { body() } else { self?.whenStored(body) } }
    }

    /// The session's finished messages may go from the disk, some time soon.
    func markHead(_ session: Session) {
        if session.isHeadDirty || !session.hasStoredQueue { return }
        session.isHeadDirty = true
        self.dirtyHeads.append(session)
    }

    /// No message before this one is unfinished: its reference to a shared body is gone.
    func finished(_ entry: QueuedPublish, of session: Session) {
        if entry.isAccounted {
            session.accountedBytes -= entry.body.byteCount
            self.totals.subtract(entry.body.byteCount)
        }
        entry.isFinished = true
        if entry.isStored { self.release(entry, of: session) }
    }

    private func release(_ entry: QueuedPublish, of session: Session) {
        if entry.isBodyShared { self.releases[entry.body.id, default: 0] += 1 }
        self.markHead(session)
    }

    // MARK: Writing

    /// Starts a write if none is under way and there is something to write.
    func flush() {
        guard self.writing == nil, !self.isBackingOff, self.hasWork else { return }
        let batch = self.takeBatch()
        let reference = JournalReference(journal: self)
        self.store.submit { connection in
            try batch.write(connection)
        } completion: { [eventLoop] error in
            eventLoop.execute { reference.journal.finishWrite(error) }
        }
    }

    private func takeBatch() -> JournalBatch {
        var batch = JournalBatch(operations: self.operations)
        for session in self.dirtyHeads {
            session.isHeadDirty = false
            let head = session.head
            batch.heads.append((session.id, head, head > session.lastStoredSequence))
            if head > session.lastStoredSequence { session.hasStoredQueue = false }
        }
        let waiting = self.entries.filter { !$0.entry.isSettled && !$0.session.isDiscarded }
        for dropped in self.entries where dropped.entry.isSettled || dropped.session.isDiscarded { dropped.entry.finishReceipt() }
        batch.add(waiting)
        batch.releases = self.releases
        self.writing = Writing(
            entries: waiting, completions: self.completions, operations: self.operations, heads: self.dirtyHeads,
            releases: self.releases)
        self.entries.removeAll(keepingCapacity: true)
        self.bytes = 0
        self.operations.removeAll(keepingCapacity: true)
        self.completions.removeAll(keepingCapacity: true)
        self.dirtyHeads.removeAll(keepingCapacity: true)
        self.releases.removeAll(keepingCapacity: true)
        return batch
    }

    private func finishWrite(_ error: (any Error)?) {
        guard let done = self.writing else { return }
        self.writing = nil
        self.writesDone += 1
        if let error { self.logger.error("cannot store messages", metadata: ["error": "\(error)"]) }
        var sessions: [ObjectIdentifier: Session] = [:]
        for (session, entry) in done.entries {
            if error == nil {
                entry.isStored = true
                // It was finished while it was being written.
                if entry.isFinished { self.release(entry, of: session) }
                sessions[ObjectIdentifier(session)] = session
                entry.finishReceipt()
            } else {
                entry.failReceipt()
            }
        }
        if error != nil { self.retry(done) }
        for completion in done.completions { completion(error == nil) }
        if let onStored = self.onStored { for session in sessions.values { onStored(session) } }
        self.flush()
    }

    /// Whoever waited for a failed write is told so, but what is in memory stays as it is, and is written when the disk takes it again.
    private func retry(_ failed: Writing) {
        let entries = failed.entries.filter { !$0.entry.isSettled && !$0.session.isDiscarded }
        self.entries.insert(contentsOf: entries, at: 0)
        self.bytes += entries.reduce(0) { $0 + $1.entry.body.byteCount }
        self.operations.insert(contentsOf: failed.operations, at: 0)
        self.releases.merge(failed.releases) { $0 + $1 }
        for session in failed.heads {
            session.hasStoredQueue = true
            self.markHead(session)
        }
        self.isBackingOff = true
        let reference = JournalReference(journal: self)
        _ = self.eventLoop.scheduleTask(in: Self.retryDelay) { reference.journal.endBackOff() }
    }

    private func endBackOff() {
        self.isBackingOff = false
        self.flush()
    }
}

/// Carries a journal to its own event loop: nothing else is done with it on the way, which is the unchecked claim.
private struct JournalReference: @unchecked Sendable {
    let journal: Journal
}
