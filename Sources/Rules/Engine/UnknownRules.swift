import Broker
import CoreMetrics
import JSON
import Logging

/// Counts and logs messages of Basic Ingest for rules that do not exist or are disabled (RuleNotFound). Their publishers are acknowledged
/// all the same, as at AWS.
final class UnknownRules: ImmediateSubscriber {
    static let filter = "$aws/rules/#"

    private let engine: RuleEngine

    init(engine: RuleEngine) { self.engine = engine }

    func receive(_ delivery: ServiceDelivery) {
        guard let name = Self.ruleName(delivery.message.topic), !self.engine.isRunning(name) else { return }
        self.engine.metrics.notFound.increment()
        if self.engine.broker.isWatched { self.note(name, delivery) }
        self.engine.logLimit.run { suppressed in
            self.engine.logger.notice(
                "a message for a rule is dropped: there is no such rule, or it is disabled",
                metadata: [
                    "rule": "\(name)", "client": "\(delivery.message.publisher)", "suppressed": "\(suppressed)",
                ])
        }
    }

    private func note(_ rule: String, _ delivery: ServiceDelivery) {
        let message = delivery.message
        let client = Activity.Client(
            clientID: message.publisher.isEmpty ? nil : message.publisher, principal: delivery.origin?.principal,
            address: delivery.origin?.address)
        self.engine.note(.ruleNotFound, .error, client, rule: rule, topic: message.topic) {
            ["reason": "RuleNotFound", "details": .string("Rule \(rule) not found")]
        }
    }

    /// The third level of `$aws/rules/NAME/…`.
    static func ruleName(_ topic: String) -> String? {
        let levels = topic.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return levels.count > 2 ? String(levels[2].prefix(RulesLimits.maxNameCharacters)) : nil
    }
}
