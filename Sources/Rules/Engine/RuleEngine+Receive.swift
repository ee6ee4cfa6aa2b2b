import AWSAPI
import Broker
import CoreMetrics
import JSON
import Logging
import NIOPosix
import Synchronization

extension RuleEngine: ServiceInbox {
    /// Called on an event loop: hands the messages to a worker.
    func receive(_ batch: ServiceBatch) {
        self.metrics.matched.increment(by: batch.deliveryCount)
        switch self.waiting.withLock({ $0.add(batch) }) {
        case .wait: break
        case .start: self.pool.submit { _ in self.work() }
        case .refuse: self.refuse(batch)
        }
    }

    private func work() {
        while let batch = self.waiting.withLock({ $0.take() }) {
            var unmatched: [ServiceReceipt] = []
            batch.forEach { self.evaluate($0, &unmatched) }
            self.broker.finish(unmatched, stored: true)
        }
    }

    /// For each of its rules.
    private func evaluate(_ message: ServiceBatch.Message, _ unmatched: inout [ServiceReceipt]) {
        var traced = RuleMessage(message, accountID: self.account.account)
        for receiver in message.receivers {
            guard let rule = receiver as? RunningRule else { continue }
            if rule.definition.needsTrace { traced.trace() }
            if !self.evaluate(traced, for: rule, message.receipt), let receipt = message.receipt { unmatched.append(receipt) }
        }
    }

    /// RuleMessageThrottled: publishers are acknowledged all the same, as at AWS.
    private func refuse(_ batch: ServiceBatch) {
        self.metrics.throttled.increment(by: batch.deliveryCount)
        var receipts: [ServiceReceipt] = []
        batch.forEach { message in
            for receiver in message.receivers {
                if let receipt = message.receipt { receipts.append(receipt) }
                guard self.broker.isWatched, let rule = receiver as? RunningRule else { continue }
                let name = rule.definition.name
                self.note(.ruleMessageThrottled, .error, rule: rule, RuleMessage(message, accountID: self.account.account)) {
                    ["reason": "RuleExecutionThrottled", "details": .string("Message for Rule \(name) throttled")]
                }
            }
        }
        self.logLimit.run { suppressed in
            self.logger.warning(
                "messages are dropped: too many wait for rules",
                metadata: ["deliveries": "\(batch.deliveryCount)", "suppressed": "\(suppressed)"])
        }
        self.broker.finish(receipts, stored: true)
    }
}
