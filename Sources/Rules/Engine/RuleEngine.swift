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
    let pool: NIOThreadPool
    let waiting: Mutex<EvaluationQueue>
    private let rules = Mutex<[String: RunningRule]>([:])
    /// Rules that others took the place of, while their actions finish.
    private let retired = Mutex<[RunningRule]>([])
    private let stopping = Atomic(false)

    init(
        store: any Store, broker: Broker, account: AccountContext, limits: RulesLimits, externalFunctions: RuleExternalFunctions,
        threads: Int, logger: Logger
    ) {
        self.limits = limits
        self.broker = broker
        self.account = account
        self.logger = logger
        self.externalFunctions = externalFunctions
        self.journal = RuleJournal(store: store, broker: broker, limits: limits, logger: logger)
        self.pool = NIOThreadPool(numberOfThreads: threads)
        self.waiting = Mutex(EvaluationQueue(limits: limits, workers: threads))
        self.pool.start()
        self.journal.whenPutOff { [weak self] in self?.takeUpBacklog(of: $0) }
    }

    // MARK: Rules

    func definition(of name: String) -> RuleDefinition? { self.rule(name)?.definition }
    func rule(_ name: String) -> RunningRule? { self.rules.withLock { $0[name] } }

    /// Whether there is such a rule, and it is not disabled.
    func isRunning(_ name: String) -> Bool { self.rules.withLock { $0[name].map { !$0.definition.isDisabled } ?? false } }

    /// Notices messages for rules that are not there.
    func watchUnknownRules() async {
        await self.broker.exchange(nil, for: ServiceSubscriptions(UnknownRules(engine: self), filters: [UnknownRules.filter]))
    }

    /// Puts a rule, new or changed, to work.
    func apply(_ definition: RuleDefinition) async {
        let rule = RunningRule(definition, engine: self)
        let old = self.rules.withLock { $0.updateValue(rule, forKey: definition.name) }
        await self.broker.exchange(old?.subscriptions, for: rule.subscriptions)
        if let old { self.retire(old) }
        self.takeUpBacklog(of: definition.name)
    }

    func remove(_ name: String) async {
        guard let old = self.rules.withLock({ $0.removeValue(forKey: name) }) else { return }
        await self.broker.exchange(old.subscriptions, for: nil)
        self.retire(old)
        self.journal.forgetBacklog(of: name)
    }

    private func retire(_ rule: RunningRule) {
        self.retired.withLock { retired in
            retired.removeAll { $0.isIdle }
            retired.append(rule)
        }
    }

    // MARK: Stopping

    /// Whether the server stops: what waits on disk stays there.
    var isStopping: Bool { self.stopping.load(ordering: .relaxed) }

    private var allRules: [RunningRule] { self.rules.withLock { Array($0.values) } + self.retired.withLock { $0 } }

    /// Waits a little for what is under way. What is journalled and not done goes on after the next start.
    func shutdown() async {
        self.stopping.store(true, ordering: .relaxed)
        let deadline = ContinuousClock.now + self.limits.stopPatience
        while .now < deadline, !(self.waiting.withLock { $0.isIdle } && self.allRules.allSatisfy(\.isIdle)) {
            try? await Task.sleep(for: Self.idlePoll)
        }
        try? await self.pool.shutdownGracefully()
        let queues = self.allRules.flatMap(\.allQueues)
        for queue in queues { queue.stop() }
        let left = queues.reduce(0) { $0 + $1.count }
        if left > 0 {
            self.logger.notice(
                "results of rules wait for their actions: those of QoS 1 go on after the next start, others are dropped",
                metadata: ["count": "\(left)"])
        }
        await self.journal.drain(until: .now + self.limits.stopPatience)
    }

    private static let idlePoll = Duration.milliseconds(10)
}
