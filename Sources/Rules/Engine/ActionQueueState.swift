/// What waits for one action and how many workers run. Pure.
struct ActionQueueState: Sendable {
    /// What is to be done after a change.
    struct Start: Sendable, Equatable {
        var isWorkerNeeded = false
        /// A batch is open until then, and nobody waits for it yet.
        var timer: ContinuousClock.Instant?
    }

    private let maxItems: Int
    private let maxBytes: Int
    private let concurrency: Int
    private let batchLimit: Int
    /// For actions whose batches wait for more; `items` is empty then.
    private var gatherer: BatchGatherer<ActionItem>?
    private var isTimerSet = false
    private var items: [ActionItem] = []
    /// Items before this one are taken; the array is shortened when half of it is.
    private var head = 0
    private var bytes = 0
    private var workers = 0
    /// Workers that wait for their next try.
    private var resting = 0
    private var isStopped = false

    init(maxItems: Int, maxBytes: Int, concurrency: Int, batchLimit: Int, batching: ActionBatching? = nil) {
        self.maxItems = maxItems
        self.maxBytes = maxBytes
        self.concurrency = max(1, concurrency)
        self.batchLimit = max(1, batchLimit)
        self.gatherer = batching.map { BatchGatherer($0.limits, size: $0.size, key: $0.key) }
    }

    var count: Int { self.gatherer?.count ?? (self.items.count - self.head) }

    /// Whether so much can be added again that it is worth to look for it.
    var hasMuchRoom: Bool { !self.isStopped && self.count <= self.maxItems / 2 && self.bytes <= self.maxBytes / 2 }

    /// Whether nothing moves: nothing waits, or the target is down and all wait for the next try.
    var isIdle: Bool { self.workers == self.resting && (self.isStopped || self.count == 0 || self.workers == self.concurrency) }

    /// No worker takes anything more.
    mutating func stop() { self.isStopped = true }

    mutating func rest() { self.resting += 1 }

    /// The pause is over. Returns whether to try again.
    mutating func resume() -> Bool {
        self.resting -= 1
        return !self.isStopped
    }

    /// Nil when there is no room for it.
    mutating func add(_ item: ActionItem, at now: ContinuousClock.Instant) -> Start? {
        guard !self.isStopped, self.count < self.maxItems, self.bytes + item.bytes.count <= self.maxBytes else { return nil }
        self.bytes += item.bytes.count
        if self.gatherer == nil { self.items.append(item) } else { self.gatherer?.add(item, at: now) }
        return self.start()
    }

    /// The timer's moment has come: what is due can be taken.
    mutating func hitDeadline(at now: ContinuousClock.Instant) -> Start {
        self.isTimerSet = false
        self.gatherer?.closeDue(at: now)
        return self.start()
    }

    private mutating func start() -> Start {
        var start = Start()
        let hasWork = self.gatherer?.hasReady ?? (self.head < self.items.count)
        if hasWork, self.workers < self.concurrency {
            self.workers += 1
            start.isWorkerNeeded = true
        }
        if !self.isTimerSet, let deadline = self.gatherer?.nextDeadline {
            self.isTimerSet = true
            start.timer = deadline
        }
        return start
    }

    /// The next batch; nil ends the worker that asks.
    mutating func take() -> [ActionItem]? {
        guard !self.isStopped, let batch = self.gatherer == nil ? self.takeItems() : self.gatherer?.take() else {
            self.workers -= 1
            return nil
        }
        self.bytes -= batch.reduce(0) { $0 + $1.bytes.count }
        return batch
    }

    private mutating func takeItems() -> [ActionItem]? {
        guard self.head < self.items.count else { return nil }
        let end = min(self.items.count, self.head + self.batchLimit)
        let batch = Array(self.items[self.head..<end])
        self.head = end
        if self.head * 2 > self.items.count {
            self.items.removeFirst(self.head)
            self.head = 0
        }
        return batch
    }
}
