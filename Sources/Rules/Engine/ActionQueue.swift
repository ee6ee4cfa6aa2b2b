import Logging
import Synchronization

/// The results that wait for one action, and the calls under way. A target that is down delays only its own actions.
final class ActionQueue: Sendable {
    let action: any RuleAction
    /// Its place in the rule; nil for the error action.
    let index: Int?
    private let limits: RulesLimits
    private let report: @Sendable ([ActionItem], String?) -> Void
    private let putOff: @Sendable (ActionItem) -> Bool
    private let state: Mutex<ActionQueueState>

    /// - Parameters:
    ///   - report: called when results are delivered (nil) or given up (why). Several at once are of one batch.
    ///   - putOff: called with a result that there is no room for; returns whether it comes again.
    init(
        _ action: any RuleAction, index: Int?, limits: RulesLimits, report: @escaping @Sendable ([ActionItem], String?) -> Void,
        putOff: @escaping @Sendable (ActionItem) -> Bool
    ) {
        self.action = action
        self.index = index
        self.limits = limits
        self.report = report
        self.putOff = putOff
        self.state = Mutex(
            ActionQueueState(
                maxItems: limits.maxQueued, maxBytes: limits.maxQueuedBytes, concurrency: action.concurrency, batchLimit: action.batchLimit,
                batching: action.batching)
        )
    }

    var hasMuchRoom: Bool { self.state.withLock { $0.hasMuchRoom } }
    var isIdle: Bool { self.state.withLock { $0.isIdle } }
    var count: Int { self.state.withLock { $0.count } }

    /// Calls under way end; nothing else is tried, and nothing is reported of what was not.
    func stop() { self.state.withLock { $0.stop() } }

    func add(_ item: ActionItem) {
        guard item.bytes.count <= self.limits.maxActionBytes else {
            return self.report([item], "The result has \(item.bytes.count) bytes; an action takes \(self.limits.maxActionBytes).")
        }
        guard let start = self.state.withLock({ $0.add(item, at: .now) }) else {
            if self.putOff(item) { return }
            return self.report([item], "Too many results wait for this action: its target is down or too slow.")
        }
        self.follow(start)
    }

    private func follow(_ start: ActionQueueState.Start) {
        if start.isWorkerNeeded { Task { await self.run() } }
        if let deadline = start.timer {
            Task {
                try? await Task.sleep(until: deadline, clock: .continuous)
                self.follow(self.state.withLock { $0.hitDeadline(at: .now) })
            }
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
            var done: [ActionItem] = []
            var failures = BatchFailures(isTogether: self.action.batching != nil)
            for (i, item) in left.enumerated() {
                let outcome = i < outcomes.count ? outcomes[i] : .failed("The action gave no answer for this result.", mayRetry: false)
                switch outcome {
                case .done: done.append(item)
                case .failed(_, mayRetry: true) where attempt < maxAttempts && !Task.isCancelled: again.append(item)
                case .failed(let reason, _): failures.add(item, reason)
                }
            }
            if !done.isEmpty { self.report(done, nil) }
            for (items, reason) in failures.groups { self.report(items, reason) }
            if again.isEmpty { return }
            left = again
            self.state.withLock { $0.rest() }
            try? await Task.sleep(for: backOff.next())
            guard self.state.withLock({ $0.resume() }) else { return }
        }
    }
}

/// The results of one call that failed; those of a batch for one reason are told together. Pure.
struct BatchFailures {
    let isTogether: Bool
    private(set) var groups: [(items: [ActionItem], reason: String)] = []

    init(isTogether: Bool) { self.isTogether = isTogether }

    mutating func add(_ item: ActionItem, _ reason: String) {
        if self.isTogether, let place = self.groups.firstIndex(where: { $0.reason == reason }) {
            self.groups[place].items.append(item)
        } else {
            self.groups.append(([item], reason))
        }
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
