import Broker
import DequeModule

/// Messages that wait for evaluation. Pure.
struct EvaluationQueue: Sendable {
    struct Item: Sendable {
        let rule: RunningRule
        let delivery: ServiceDelivery
    }

    enum Action: Equatable { case wait, start, refuse }

    /// Messages that one worker takes at once.
    static let maxBatch = 256

    private let maxItems: Int
    private let maxBytes: Int
    private let maxWorkers: Int
    /// Each as large as what a worker takes, but for the last one: taking one moves none of the others.
    private var batches: Deque<[Item]> = []
    private var count = 0
    private var bytes = 0
    private var workers = 0

    init(limits: RulesLimits, workers: Int) {
        self.maxItems = limits.maxWaiting
        self.maxBytes = limits.maxWaitingBytes
        self.maxWorkers = max(1, workers)
    }

    /// Whether nothing waits and nothing is evaluated.
    var isIdle: Bool { self.count == 0 && self.workers == 0 }

    mutating func add(_ item: Item) -> Action {
        let size = item.delivery.message.payloadCount
        guard self.count < self.maxItems, self.bytes + size <= self.maxBytes else { return .refuse }
        self.append(item)
        self.count += 1
        self.bytes += size
        // A worker takes what gathers while it is being woken; another one helps when there is more than that.
        guard self.workers < self.maxWorkers, self.workers == 0 || self.count > Self.maxBatch * self.workers else { return .wait }
        self.workers += 1
        return .start
    }

    private mutating func append(_ item: Item) {
        if let last = self.batches.indices.last, self.batches[last].count < Self.maxBatch {
            self.batches[last].append(item)
        } else {
            self.batches.append([item])
        }
    }

    /// The next messages for a worker; nil ends it.
    mutating func take() -> [Item]? {
        guard let batch = self.batches.popFirst() else {
            self.workers -= 1
            return nil
        }
        self.count -= batch.count
        self.bytes -= batch.reduce(0) { $0 + $1.delivery.message.payloadCount }
        return batch
    }
}
