import Broker
import CoreMetrics
import JSON
import Logging

/// Counts and logs messages of Basic Ingest for rules that do not exist or are disabled (RuleNotFound). Their publishers are acknowledged
/// all the same, as at AWS.
final class UnknownRules: ServiceSubscriber {
    static let filter = "$aws/rules/#"

    private let engine: RuleEngine

    init(engine: RuleEngine) { self.engine = engine }

    func receive(_ delivery: ServiceDelivery) {
        guard let name = Self.ruleName(delivery.message.topic), !self.engine.isRunning(name) else { return }
        self.engine.metrics.notFound.increment()
        self.engine.note(.ruleNotFound, .error, rule: name, delivery) {
            ["reason": "RuleNotFound", "details": .string("Rule \(name) not found")]
        }
        self.engine.logLimit.run { suppressed in
            self.engine.logger.notice(
                "a message for a rule is dropped: there is no such rule, or it is disabled",
                metadata: [
                    "rule": "\(name)", "client": "\(delivery.message.publisher)", "suppressed": "\(suppressed)",
                ])
        }
    }

    /// The third level of `$aws/rules/NAME/…`.
    static func ruleName(_ topic: String) -> String? {
        let levels = topic.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return levels.count > 2 ? String(levels[2].prefix(RulesLimits.maxNameCharacters)) : nil
    }
}
