import Logging
import Synchronization

/// The results that wait for one action, and the calls under way. A target that is down delays only its own actions.
final class ActionQueue: Sendable {
    let action: any RuleAction
    /// Its place in the rule; nil for the error action.
    let index: Int?
    private let limits: RulesLimits
    private let report: @Sendable (ActionItem, String?) -> Void
    private let state: Mutex<ActionQueueState>

    /// - Parameter report: called for each result when it is delivered (nil) or given up (why).
    init(_ action: any RuleAction, index: Int?, limits: RulesLimits, report: @escaping @Sendable (ActionItem, String?) -> Void) {
        self.action = action
        self.index = index
        self.limits = limits
        self.report = report
        self.state = Mutex(
            ActionQueueState(
                maxItems: limits.maxQueued, maxBytes: limits.maxQueuedBytes, concurrency: action.concurrency, batchLimit: action.batchLimit)
        )
    }

    func add(_ item: ActionItem) {
        guard item.bytes.count <= self.limits.maxActionBytes else {
            return self.report(item, "The result has \(item.bytes.count) bytes; an action takes \(self.limits.maxActionBytes).")
        }
        switch self.state.withLock({ $0.add(item) }) {
        case .wait: break
        case .start: Task { await self.run() }
        case .refuse: self.report(item, "Too many results wait for this action: its target is down or too slow.")
        }
    }

    /// One of the queue's workers: delivers batches until none is left.
    private func run() async {
        while let batch = self.state.withLock({ $0.take() }) {
            await self.deliver(batch)
        }
    }

    /// Tries until each result is delivered, or cannot be, or was tried often enough.
    private func deliver(_ batch: [ActionItem]) async {
        let maxAttempts = self.action.maxAttempts ?? self.limits.maxAttempts
        var left = batch
        var backOff = BackOff(first: self.limits.firstBackOff, longest: self.limits.longestBackOff)
        for attempt in 1...max(1, maxAttempts) {
            let outcomes = await self.action.deliver(left)
            var again: [ActionItem] = []
            for (i, item) in left.enumerated() {
                let outcome = i < outcomes.count ? outcomes[i] : .failed("The action gave no answer for this result.", mayRetry: false)
                switch outcome {
                case .done: self.report(item, nil)
                case .failed(_, mayRetry: true) where attempt < maxAttempts && !Task.isCancelled: again.append(item)
                case .failed(let reason, _): self.report(item, reason)
                }
            }
            if again.isEmpty { return }
            left = again
            try? await Task.sleep(for: backOff.next())
        }
    }
}

/// What waits for one action and how many workers run. Pure.
struct ActionQueueState: Sendable {
    enum Action: Equatable { case wait, start, refuse }

    private let maxItems: Int
    private let maxBytes: Int
    private let concurrency: Int
    private let batchLimit: Int
    private var items: [ActionItem] = []
    /// Items before this one are taken; the array is shortened when half of it is.
    private var head = 0
    private var bytes = 0
    private var workers = 0

    init(maxItems: Int, maxBytes: Int, concurrency: Int, batchLimit: Int) {
        self.maxItems = maxItems
        self.maxBytes = maxBytes
        self.concurrency = max(1, concurrency)
        self.batchLimit = max(1, batchLimit)
    }

    var count: Int { self.items.count - self.head }

    mutating func add(_ item: ActionItem) -> Action {
        guard self.count < self.maxItems, self.bytes + item.bytes.count <= self.maxBytes else { return .refuse }
        self.items.append(item)
        self.bytes += item.bytes.count
        guard self.workers < self.concurrency else { return .wait }
        self.workers += 1
        return .start
    }

    /// The next batch; nil ends the worker that asks.
    mutating func take() -> [ActionItem]? {
        guard self.count > 0 else {
            self.workers -= 1
            return nil
        }
        let end = min(self.items.count, self.head + self.batchLimit)
        let batch = Array(self.items[self.head..<end])
        self.head = end
        self.bytes -= batch.reduce(0) { $0 + $1.bytes.count }
        if self.head * 2 > self.items.count {
            self.items.removeFirst(self.head)
            self.head = 0
        }
        return batch
    }
}

/// Pauses that double, with jitter, so that many who failed together do not come back together.
struct BackOff: Sendable {
    private var pause: Duration
    private let longest: Duration

    init(first: Duration, longest: Duration) {
        self.pause = first
        self.longest = longest
    }

    mutating func next() -> Duration {
        let full = min(self.pause, self.longest)
        self.pause = full * 2
        return full * Double.random(in: 0.5...1)
    }
}
