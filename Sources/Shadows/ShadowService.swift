package import Broker
package import Logging
package import Storage
import Synchronization

/// The shadows of all things: what is desired of each, what each reported, kept through everything (AWS IoT Developer Guide, device shadows).
///
/// A request over MQTT or HTTP becomes a ``ShadowRequest``; batches of them go through the store's group commit; what came of them is
/// published on the shadow's own lane once it is on disk, so that a shadow's messages leave in the order of its versions.
package final class ShadowService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = ShadowSchema.migrations

    let store: any Store
    let broker: Broker
    package let limits: ShadowLimits
    let things: (any ShadowThings)?
    let observer: (any ShadowObserver)?
    let clock: @Sendable () -> Int64
    let logger: Logger
    let metrics = ShadowMetrics()
    let queue: Mutex<ShadowQueue>

    /// - Parameters:
    ///   - things: nil when shadows need no registered thing.
    ///   - observer: told of each change.
    ///   - clock: seconds since 1970.
    package init(
        store: any Store, broker: Broker, limits: ShadowLimits, things: (any ShadowThings)? = nil,
        observer: (any ShadowObserver)? = nil, logger: Logger, clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.broker = broker
        self.limits = limits
        self.things = things
        self.observer = observer
        self.clock = clock
        self.logger = logger
        self.queue = Mutex(ShadowQueue(limits: limits))
    }

    /// Begins to answer on the topics.
    package func start() {
        let subscriber = ShadowSubscriber(service: self)
        for filter in ShadowTopics.filters { self.broker.subscribe(filter, service: subscriber) }
    }

    // MARK: Requests

    func submit(_ request: ShadowRequest) {
        let action = self.queue.withLock { $0.add(request) }
        if action == .refuse {
            self.answer([(request, .refused(.tooManyRequests))])
        } else {
            self.perform(action)
        }
    }

    private func perform(_ action: ShadowQueue.Action) {
        switch action {
        case .startWrite: self.write()
        case .startRead: self.read()
        case .wait, .refuse: break
        }
    }

    // MARK: The database

    private func write() {
        let batch = ShadowBatch()
        self.store.submit { connection in
            try batch.run(self.queue.withLock { $0.takeWrites() }, in: self.ledger(connection))
        } completion: { error in
            // The store may refuse without running the body.
            let requests = batch.requests ?? self.queue.withLock { $0.takeWrites() }
            let outcomes = self.outcomes(of: requests, batch, error)
            // Answered under the lock, so that of two batches' answers the later one's come later.
            let action = self.queue.withLock { queue in
                self.answer(outcomes)
                return queue.finishWrites(requests)
            }
            self.perform(action)
        }
    }

    private func read() {
        let batch = ShadowBatch()
        self.store.submitRead { connection in
            try batch.run(self.queue.withLock { $0.takeReads() }, in: self.ledger(connection))
        } completion: { error in
            let requests = batch.requests ?? self.queue.withLock { $0.takeReads() }
            let outcomes = self.outcomes(of: requests, batch, error)
            var actions: [ShadowQueue.Action] = []
            // A change that ends meanwhile must not be announced before an answer without it.
            self.queue.withLock { queue in
                let counts = queue.finishReads(requests, actions: &actions)
                self.answer(zip(outcomes, counts).filter(\.1).map(\.0))
            }
            for action in actions { self.perform(action) }
        }
    }

    private func ledger(_ connection: any StoreConnection) -> ShadowLedger {
        ShadowLedger(
            connection: connection, limits: self.limits, things: self.things, observer: self.observer, now: self.clock(),
            logger: self.logger)
    }

    private func outcomes(
        of requests: [ShadowRequest], _ batch: ShadowBatch, _ error: (any Error)?
    ) -> [(ShadowRequest, ShadowOutcome)] {
        guard let error else { return Array(zip(requests, batch.outcomes)) }
        self.logger.error(
            "shadow requests failed: the database refused them",
            metadata: ["requests": "\(requests.count)", "error": "\(error)"])
        return requests.map { ($0, .refused(.internalFailure)) }
    }

    // MARK: Answers

    /// Publishes what came of requests and lets their acknowledgements go. In the order of the calls for each shadow.
    private func answer(_ outcomes: [(ShadowRequest, ShadowOutcome)]) {
        guard !outcomes.isEmpty else { return }
        let now = self.clock()
        var lanes: [Int: [(ShadowRequest, ShadowOutcome)]] = [:]
        var receipts: [ServiceReceipt] = []
        for (request, outcome) in outcomes {
            self.metrics.count(request, outcome)
            self.note(request, outcome)
            lanes[self.lane(of: request.key), default: []].append((request, outcome))
            if case .topics(let receipt?) = request.reply { receipts.append(receipt) }
        }
        for (lane, outcomes) in lanes {
            self.broker.post(key: lane) { publisher in
                let announcer = ShadowAnnouncer(publisher: publisher)
                for (request, outcome) in outcomes { announcer.announce(request, outcome, now: now) }
            }
        }
        // A request that failed was answered all the same: the publisher knows.
        self.broker.finish(receipts, stored: true)
        for case (let request, let outcome) in outcomes { if case .caller(let reply) = request.reply { reply(outcome) } }
    }

    func lane(of key: ShadowKey) -> Int {
        Int(UInt(bitPattern: key.hashValue) % UInt(self.broker.postLanes))
    }
}

/// What one transaction does, handed from its body to its completion.
///
/// `@unchecked`: the store runs the body once and then the completion, never at the same time.
private final class ShadowBatch: @unchecked Sendable {
    /// Nil until the body has run. None when another reader took them all: what came since then belongs to the next one.
    private(set) var requests: [ShadowRequest]?
    private(set) var outcomes: [ShadowOutcome] = []

    func run(_ requests: [ShadowRequest], in ledger: ShadowLedger) throws {
        self.requests = requests
        self.outcomes = try requests.map { try ledger.run($0) }
    }
}
