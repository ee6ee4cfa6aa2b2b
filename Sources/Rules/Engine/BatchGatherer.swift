/// How an action's results are gathered before it is called with them together.
struct ActionBatching: Sendable {
    let limits: BatchLimits
    /// What the call is larger by with this result, in bytes.
    let size: @Sendable (ActionItem) -> Int
    /// Results of different keys never go together.
    let key: @Sendable (ActionItem) -> String
    /// How failures are reported to the error action.
    let report: BatchReport
}

/// A batch is complete when it has so many items, so many bytes, or is so old.
struct BatchLimits: Sendable, Hashable {
    let maxItems: Int
    /// An item that is larger alone goes alone.
    let maxBytes: Int
    /// How long the first item waits for others.
    let maxOpen: Duration
}

/// Whether the results of one batch can be of several topics, which an error report then tells for each.
enum BatchReport: Sendable, Hashable { case ofOneTopic, acrossTopics }

/// Batches that gather, and those that are ready. Pure.
struct BatchGatherer<Item: Sendable>: Sendable {
    private struct Open {
        var items: [Item]
        var bytes: Int
        let deadline: ContinuousClock.Instant
    }

    private let limits: BatchLimits
    private let size: @Sendable (Item) -> Int
    private let key: @Sendable (Item) -> String
    private var open: [String: Open] = [:]
    private var ready: [[Item]] = []
    /// Batches before this one are taken; the array is shortened when half of it is.
    private var head = 0
    /// Items that wait, in batches of either kind.
    private(set) var count = 0

    init(_ limits: BatchLimits, size: @escaping @Sendable (Item) -> Int, key: @escaping @Sendable (Item) -> String) {
        self.limits = limits
        self.size = size
        self.key = key
    }

    var hasReady: Bool { self.head < self.ready.count }

    /// When the next batch has been open for long enough; nil when none is open.
    var nextDeadline: ContinuousClock.Instant? { self.open.values.map(\.deadline).min() }

    mutating func add(_ item: Item, at now: ContinuousClock.Instant) {
        self.count += 1
        let key = self.key(item)
        let size = self.size(item)
        if let batch = self.open[key], batch.bytes + size > self.limits.maxBytes { self.close(key) }
        var batch = self.open[key] ?? Open(items: [], bytes: 0, deadline: now + self.limits.maxOpen)
        batch.items.append(item)
        batch.bytes += size
        self.open[key] = batch
        if batch.items.count >= self.limits.maxItems || batch.bytes >= self.limits.maxBytes { self.close(key) }
    }

    /// Makes the batches ready that have been open for long enough, the oldest first.
    mutating func closeDue(at now: ContinuousClock.Instant) {
        for (key, _) in self.open.filter({ $0.value.deadline <= now }).sorted(by: { $0.value.deadline < $1.value.deadline }) {
            self.close(key)
        }
    }

    private mutating func close(_ key: String) {
        guard let batch = self.open.removeValue(forKey: key) else { return }
        self.ready.append(batch.items)
    }

    /// The next batch that is ready.
    mutating func take() -> [Item]? {
        guard self.hasReady else { return nil }
        let batch = self.ready[self.head]
        self.head += 1
        if self.head * 2 > self.ready.count {
            self.ready.removeFirst(self.head)
            self.head = 0
        }
        self.count -= batch.count
        return batch
    }
}
