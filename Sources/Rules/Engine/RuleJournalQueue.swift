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

    struct Insert {
        let id: Int64
        let entry: Entry
        /// Bits of the actions that need not run again, as they are written.
        let delivered: UInt64
    }

    struct Batch {
        var inserts: [Insert] = []
        /// Rows whose messages are finished.
        var deletes: [Int64] = []
        /// Rows whose messages have gone on: bits of the actions that need not run again.
        var progress: [Int64: UInt64] = [:]
    }

    private var waiting: [Entry] = []
    /// Rows on disk, and whether their message is in memory.
    private var stored: [Int64: Bool] = [:]
    private var deletes: [Int64] = []
    private var progress: [Int64: UInt64] = [:]
    private var isWriting = false

    var isIdle: Bool { !self.isWriting && self.waiting.isEmpty && self.deletes.isEmpty && self.progress.isEmpty }

    /// Returns whether to start a write.
    mutating func add(_ entry: Entry) -> Bool {
        self.waiting.append(entry)
        return self.start()
    }

    /// A row that was found at the start; its message is not in memory.
    mutating func adopt(_ id: Int64) { self.stored[id] = false }

    /// A row's message is read into memory.
    mutating func takeUp(_ id: Int64) { if self.stored[id] != nil { self.stored[id] = true } }

    /// A message leaves memory. Returns whether its row is on disk; if not, ``finish(_:stored:)`` tells of it when it is.
    mutating func leave(_ id: Int64) -> Bool {
        guard self.stored[id] == true else { return false }
        self.stored[id] = false
        return true
    }

    /// Some of a message's actions are done, or all. Returns whether to start a write.
    mutating func update(_ id: Int64, delivered: UInt64, isFinished: Bool) -> Bool {
        guard self.stored[id] != nil else { return false }
        if isFinished {
            self.stored[id] = nil
            self.progress[id] = nil
            self.deletes.append(id)
        } else {
            // Two that report at one time may come in any order; what is delivered stays so.
            self.progress[id, default: 0] |= delivered
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
            if let id = entry.invocation.journalID, !entry.invocation.isFinished {
                batch.inserts.append(Insert(id: id, entry: entry, delivered: entry.invocation.delivered))
            } else if let receipt = entry.receipt {
                elided.append(receipt)
            }
        }
        self.waiting.removeFirst(entries.count)
        batch.deletes = self.deletes
        batch.progress = self.progress
        self.deletes = []
        self.progress = [:]
        return (batch, elided)
    }

    /// The batch is on disk, or was refused: then it is to be written again, but for the messages, whose publishers are told.
    ///
    /// - Returns: whether to write again, and messages that left memory while they were written.
    mutating func finish(_ batch: Batch, stored isStored: Bool) -> (hasMore: Bool, left: [RuleInvocation]) {
        var left: [RuleInvocation] = []
        if isStored {
            for insert in batch.inserts where self.settle(insert) { left.append(insert.entry.invocation) }
        } else {
            self.deletes = batch.deletes + self.deletes
            for (id, delivered) in batch.progress where self.stored[id] != nil { self.progress[id, default: 0] |= delivered }
        }
        let hasMore = !self.waiting.isEmpty || !self.deletes.isEmpty || !self.progress.isEmpty
        self.isWriting = hasMore
        return (hasMore, left)
    }

    /// What happened to a message while it was written. Returns whether it left memory.
    private mutating func settle(_ insert: Insert) -> Bool {
        let invocation = insert.entry.invocation
        if invocation.isFinished {
            self.deletes.append(insert.id)
            return false
        }
        let delivered = invocation.delivered
        if delivered != insert.delivered { self.progress[insert.id] = delivered }
        self.stored[insert.id] = !invocation.isPutOff
        return invocation.isPutOff
    }
}
