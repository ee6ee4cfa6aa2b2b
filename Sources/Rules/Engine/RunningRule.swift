import AWSAPI
import Broker
import Synchronization

/// A rule at work: its place in the broker's trie, and the queues of its actions.
///
/// One definition for its life: a changed rule is another one, which takes this one's place while this one's actions finish.
final class RunningRule: GatheredSubscriber {
    let definition: RuleDefinition
    let externalFunctions: RuleExternalFunctions
    private let engine: RuleEngine
    /// One for each action, in their order.
    let queues: [ActionQueue]
    let errorQueue: ActionQueue?

    init(_ definition: RuleDefinition, engine: RuleEngine) {
        self.definition = definition
        self.engine = engine
        self.externalFunctions = engine.externalFunctions.called(by: engine.account.arn(service: "iot", "rule/\(definition.name)"))
        let limits = engine.limits
        let report: @Sendable ([ActionItem], String?) -> Void = { items, failure in engine.finished(items, failure: failure) }
        let putOff: @Sendable (ActionItem) -> Bool = { engine.putOff($0) }
        self.queues = definition.actions.enumerated().map {
            ActionQueue($0.element, index: $0.offset, limits: limits, report: report, putOff: putOff)
        }
        self.errorQueue = definition.errorAction.map {
            ActionQueue($0, index: nil, limits: limits, report: report, putOff: putOff)
        }
    }

    var allQueues: [ActionQueue] { self.queues + [self.errorQueue].compactMap { $0 } }

    /// Whether messages that were put off can be taken up again.
    var hasMuchRoom: Bool { self.allQueues.allSatisfy(\.hasMuchRoom) }
    var isIdle: Bool { self.allQueues.allSatisfy(\.isIdle) }

    /// Where its messages come from: Basic Ingest, and FROM. Nil while it is disabled.
    var subscriptions: ServiceSubscriptions? {
        guard !self.definition.isDisabled else { return nil }
        let filters = ["$aws/rules/\(self.definition.name)/#"] + [self.definition.statement.topicFilter].compactMap { $0 }
        return ServiceSubscriptions(self, filters: filters)
    }

    /// It holds acknowledgements: that of a QoS 1 message says that its actions will run whatever happens to the server.
    var inbox: any ServiceInbox { self.engine }

    func queue(_ index: Int?) -> ActionQueue? {
        guard let index else { return self.errorQueue }
        return self.queues.indices.contains(index) ? self.queues[index] : nil
    }
}
