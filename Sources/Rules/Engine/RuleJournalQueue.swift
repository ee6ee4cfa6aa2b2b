import Broker

/// What the journal has to write next. Pure.
///
/// A message whose actions are all done before its turn comes needs no write at all; its publisher's acknowledgement goes at once.
struct RuleJournalQueue {
    /// Messages in one transaction.
    static let maxBatch = 512

    struct Entry {
        let invocation: RuleInvocation
        let receipt: ServiceReceipt?
    }

    struct Batch {
        var inserts: [Entry] = []
        /// Rows whose messages are finished.
        var deletes: [Int64] = []
        /// Rows whose messages have gone on: bits of the actions done.
        var progress: [Int64: UInt64] = [:]
    }

    private var waiting: [Entry] = []
    private var stored: Set<Int64> = []
    private var deletes: [Int64] = []
    private var progress: [Int64: UInt64] = [:]
    private var isWriting = false

    var isIdle: Bool { !self.isWriting && self.waiting.isEmpty && self.deletes.isEmpty && self.progress.isEmpty }

    /// Returns whether to start a write.
    mutating func add(_ entry: Entry) -> Bool {
        self.waiting.append(entry)
        return self.start()
    }

    /// Rows that were found at the start.
    mutating func adopt(_ id: Int64) { self.stored.insert(id) }

    /// Some of a message's actions are done, or all. Returns whether to start a write.
    mutating func update(_ id: Int64, done: UInt64, isFinished: Bool) -> Bool {
        guard self.stored.contains(id) else { return false }
        if isFinished {
            self.stored.remove(id)
            self.progress[id] = nil
            self.deletes.append(id)
        } else {
            self.progress[id] = done
        }
        return self.start()
    }

    private mutating func start() -> Bool {
        if self.isWriting { return false }
        self.isWriting = true
        return true
    }

    /// What to write, and the receipts of messages that need no write any more.
    mutating func take() -> (batch: Batch, elided: [ServiceReceipt]) {
        var batch = Batch()
        var elided: [ServiceReceipt] = []
        let entries = self.waiting.prefix(Self.maxBatch)
        for entry in entries {
            if entry.invocation.isFinished {
                if let receipt = entry.receipt { elided.append(receipt) }
            } else {
                batch.inserts.append(entry)
            }
        }
        self.waiting.removeFirst(entries.count)
        batch.deletes = self.deletes
        batch.progress = self.progress
        self.deletes = []
        self.progress = [:]
        return (batch, elided)
    }

    /// The batch is on disk, or was refused: then it is to be written again, but nobody waits for it any more.
    ///
    /// - Returns: whether to write again.
    mutating func finish(_ batch: Batch, stored isStored: Bool) -> Bool {
        if isStored {
            for entry in batch.inserts {
                guard let id = entry.invocation.journalID else { continue }
                if entry.invocation.isFinished { self.deletes.append(id) } else { self.stored.insert(id) }
            }
        } else {
            self.deletes = batch.deletes + self.deletes
            for (id, done) in batch.progress where self.stored.contains(id) { self.progress[id] = self.progress[id] ?? done }
        }
        let hasMore = !self.waiting.isEmpty || !self.deletes.isEmpty || (!self.progress.isEmpty && isStored)
        self.isWriting = hasMore
        return hasMore
    }
}
