import Broker

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
    private var items: [Item] = []
    private var bytes = 0
    private var workers = 0

    init(limits: RulesLimits, workers: Int) {
        self.maxItems = limits.maxWaiting
        self.maxBytes = limits.maxWaitingBytes
        self.maxWorkers = max(1, workers)
    }

    mutating func add(_ item: Item) -> Action {
        let size = item.delivery.message.payloadCount
        guard self.items.count < self.maxItems, self.bytes + size <= self.maxBytes else { return .refuse }
        self.items.append(item)
        self.bytes += size
        // A worker takes what gathers while it is being woken; another one helps when there is more than that.
        guard self.workers < self.maxWorkers, self.workers == 0 || self.items.count > Self.maxBatch * self.workers else { return .wait }
        self.workers += 1
        return .start
    }

    /// The next messages for a worker; nil ends it.
    mutating func take() -> [Item]? {
        guard !self.items.isEmpty else {
            self.workers -= 1
            return nil
        }
        let batch: [Item]
        if self.items.count <= Self.maxBatch {
            batch = self.items
            self.items = []
        } else {
            batch = Array(self.items.prefix(Self.maxBatch))
            self.items.removeFirst(Self.maxBatch)
        }
        self.bytes -= batch.reduce(0) { $0 + $1.delivery.message.payloadCount }
        return batch
    }
}
