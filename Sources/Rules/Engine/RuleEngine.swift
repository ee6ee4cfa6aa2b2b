import AWSAPI
import Broker
import CoreMetrics
import JSON
import Logging
import NIOPosix
import Storage
import Synchronization

/// Takes messages for rules, evaluates them beside the event loops, and sees their actions through.
///
/// A message of QoS 1 that a rule matches is written to the journal before its publisher's acknowledgement leaves, unless its actions are
/// done by then; it leaves the journal when they are. What is in the journal at a start goes on then: at least once.
final class RuleEngine: Sendable {
    let limits: RulesLimits
    let externalFunctions: RuleExternalFunctions
    let broker: Broker
    let account: AccountContext
    let logger: Logger
    let metrics = RuleMetrics()
    let logLimit = RuleLogLimit()
    let journal: RuleJournal
    private let pool: NIOThreadPool
    private let waiting: Mutex<EvaluationQueue>
    private let rules = Mutex<[String: RunningRule]>([:])

    init(
        store: any Store, broker: Broker, account: AccountContext, limits: RulesLimits, externalFunctions: RuleExternalFunctions,
        threads: Int, logger: Logger
    ) {
        self.limits = limits
        self.broker = broker
        self.account = account
        self.logger = logger
        self.externalFunctions = externalFunctions
        self.journal = RuleJournal(store: store, broker: broker, logger: logger)
        self.pool = NIOThreadPool(numberOfThreads: threads)
        self.waiting = Mutex(EvaluationQueue(limits: limits, workers: threads))
        self.pool.start()
    }

    // MARK: Rules

    func definition(of name: String) -> RuleDefinition? { self.rules.withLock { $0[name]?.definition } }

    /// Puts a rule, new or changed, to work.
    func apply(_ definition: RuleDefinition) async {
        let rule = RunningRule(definition, engine: self)
        let old = self.rules.withLock { $0.updateValue(rule, forKey: definition.name) }
        await self.broker.exchange(old?.subscriptions, for: rule.subscriptions)
    }

    func remove(_ name: String) async {
        guard let old = self.rules.withLock({ $0.removeValue(forKey: name) }) else { return }
        await self.broker.exchange(old.subscriptions, for: nil)
    }

    /// Goes on with what the journal held when the server started.
    func resume(_ stored: [RuleJournal.Stored]) async {
        for stored in stored {
            guard let rule = self.rules.withLock({ $0[stored.rule] }) else {
                self.logger.warning(
                    "a message that waited for a rule is dropped: the rule is gone", metadata: ["rule": "\(stored.rule)"])
                self.journal.forget(stored.id)
                continue
            }
            await self.evaluateAgain(stored.message, for: rule, journalID: stored.id, done: stored.done)
        }
    }

    func shutdown() async {
        await self.journal.drain()
        try? await self.pool.shutdownGracefully()
    }

    // MARK: Messages

    /// Called on an event loop: hands the message to a worker.
    func take(_ delivery: ServiceDelivery, for rule: RunningRule) {
        self.metrics.matched.increment()
        switch self.waiting.withLock({ $0.add(EvaluationQueue.Item(rule: rule, delivery: delivery)) }) {
        case .wait: break
        case .start: self.pool.submit { _ in self.work() }
        case .refuse:
            self.metrics.throttled.increment()
            self.logLimit.run { suppressed in
                self.logger.warning(
                    "a message is dropped: too many wait for rules",
                    metadata: ["rule": "\(rule.definition.name)", "suppressed": "\(suppressed)"])
            }
            if let receipt = delivery.receipt { self.broker.finish([receipt], stored: true) }
        }
    }

    private func work() {
        while let batch = self.waiting.withLock({ $0.take() }) {
            var unmatched: [ServiceReceipt] = []
            for item in batch where !self.evaluate(item) {
                if let receipt = item.delivery.receipt { unmatched.append(receipt) }
            }
            self.broker.finish(unmatched, stored: true)
        }
    }
}
