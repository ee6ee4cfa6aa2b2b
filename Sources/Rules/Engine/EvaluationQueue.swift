import Broker
import DequeModule

/// Messages that wait for evaluation. Pure.
struct EvaluationQueue: Sendable {
    enum Action: Equatable { case wait, start, refuse }

    private let maxItems: Int
    private let maxBytes: Int
    private let maxWorkers: Int
    private var batches: Deque<ServiceBatch> = []
    /// Messages, each as often as rules look at it.
    private var count = 0
    private var bytes = 0
    private var workers = 0

    init(limits: RulesLimits, workers: Int) {
        self.maxItems = limits.maxWaiting
        self.maxBytes = limits.maxWaitingBytes
        self.maxWorkers = max(1, workers)
    }

    /// Whether nothing waits and nothing is evaluated.
    var isIdle: Bool { self.batches.isEmpty && self.workers == 0 }

    /// Takes a batch whole, the last one beyond the limit of messages, or not at all.
    mutating func add(_ batch: ServiceBatch) -> Action {
        guard self.count < self.maxItems, self.bytes + batch.byteCount <= self.maxBytes else { return .refuse }
        self.batches.append(batch)
        self.count += batch.deliveryCount
        self.bytes += batch.byteCount
        // A worker takes what gathers while it is being woken; another one helps when there is more than that.
        guard self.workers < self.maxWorkers, self.workers == 0 || self.batches.count > self.workers else { return .wait }
        self.workers += 1
        return .start
    }

    /// The next messages for a worker; nil ends it.
    mutating func take() -> ServiceBatch? {
        guard let batch = self.batches.popFirst() else {
            self.workers -= 1
            return nil
        }
        self.count -= batch.deliveryCount
        self.bytes -= batch.byteCount
        return batch
    }
}
