import AWSAPI
import Broker
import CoreMetrics
import JSON
import Logging

extension RuleEngine {
    /// Evaluates one message for one rule. Returns whether its acknowledgement is taken care of.
    func evaluate(_ message: RuleMessage, for rule: RunningRule, _ receipt: ServiceReceipt?) -> Bool {
        self.note(.ruleMatch, .info, rule: rule, message) { [:] }
        guard rule.definition.statement.externalFunctions.isEmpty else {
            // It may take seconds: the message is kept first, and its publisher does not wait.
            let invocation = self.begin(message, for: rule, receipt)
            Task { await self.evaluateWaiting(invocation) }
            return true
        }
        let result = rule.definition.statement.evaluate(message.sql)
        if case .noMatch = result.outcome {
            self.count(result)
            return false
        }
        self.proceed(self.begin(message, for: rule, receipt), result)
        return true
    }

    private func begin(_ message: RuleMessage, for rule: RunningRule, _ receipt: ServiceReceipt?) -> RuleInvocation {
        let invocation = RuleInvocation(rule: rule, message: message, journalID: message.isKept ? self.journal.nextID() : nil)
        if message.isKept { self.journal.add(invocation, receipt: receipt) }
        return invocation
    }

    /// Goes on with a message of the journal.
    func evaluateAgain(_ message: RuleMessage, for rule: RunningRule, journalID: Int64, delivered: UInt64) async {
        let invocation = RuleInvocation(rule: rule, message: message, journalID: journalID, done: delivered)
        await self.evaluateWaiting(invocation)
    }

    private func evaluateWaiting(_ invocation: RuleInvocation) async {
        let rule = invocation.rule
        self.proceed(invocation, await rule.definition.statement.evaluate(invocation.message.sql, calling: rule.externalFunctions))
    }

    private func proceed(_ invocation: RuleInvocation, _ result: SQLResult) {
        self.count(result)
        switch result.outcome {
        case .noMatch: self.drop(invocation)
        case .failed(let failure):
            self.logger.notice(
                "a rule's statement failed",
                metadata: ["rule": "\(invocation.rule.definition.name)", "error": "\(failure)"])
            self.note(.functionExecution, .error, invocation) {
                ["reason": "FunctionExecutionFailure", "details": .string(failure.message)]
            }
            let reason = ActionFailure(action: "FunctionExecution", resource: "", message: failure.message)
            self.runErrorAction([FailedInvocation(invocation: invocation, failures: [reason])])
        case .output(let output):
            let left = invocation.actionsLeft
            if left.isEmpty { return self.drop(invocation) }
            for index in left { self.noteStart(of: invocation.rule.queues[index].action, invocation) }
            for index in left { invocation.rule.queues[index].add(ActionItem(invocation, output: output, index: index)) }
        }
    }

    private func count(_ result: SQLResult) {
        if result.payloadError != nil { self.metrics.parseErrors.increment() }
        if case .output = result.outcome { self.metrics.executed.increment() }
    }

    private func drop(_ invocation: RuleInvocation) {
        invocation.end()
        self.journal.update(invocation)
    }

    // MARK: Actions that ended

    /// - Parameters:
    ///   - items: of one action; several only from one batch.
    ///   - failure: why they were given up; nil when they were delivered.
    func finished(_ items: [ActionItem], failure: String?) {
        guard let first = items.first, let queue = first.invocation.rule.queue(first.index) else { return }
        let action = queue.action
        let name = first.invocation.rule.definition.name
        if let failure { self.log(failure, of: action, rule: name, isErrorAction: first.index == nil) }
        let reason = failure.map {
            ActionFailure(
                action: type(of: action).failureName, resource: action.resource, message: $0, batch: action.batching?.report)
        }
        var failed: [FailedInvocation] = []
        for item in items {
            self.metrics.count(type(of: action).failureName, rule: name, isSuccess: failure == nil)
            for invocation in [item.invocation] + item.others {
                self.noteEnd(of: action, invocation, failure)
                switch invocation.finish(item.index, reason) {
                case .goesOn, .finished: self.journal.update(invocation)
                case .putOff: self.journal.leave(invocation)
                case .runErrorAction(let failures): failed.append(FailedInvocation(invocation: invocation, failures: failures))
                }
            }
        }
        if !failed.isEmpty { self.runErrorAction(failed) }
        self.takeUpBacklog(of: name)
    }

    /// One report for all of them, which are of one rule, or more where one is too large.
    private func runErrorAction(_ failed: [FailedInvocation]) {
        guard let lead = failed.first, let queue = lead.invocation.rule.errorQueue else {
            return failed.forEach { self.drop($0.invocation) }
        }
        let output = ErrorReport(failed).output
        if failed.count > 1, output.bytes.count > self.limits.maxActionBytes {
            self.runErrorAction(Array(failed[..<(failed.count / 2)]))
            return self.runErrorAction(Array(failed[(failed.count / 2)...]))
        }
        queue.add(ActionItem(lead.invocation, output: output, index: nil, others: failed.dropFirst().map(\.invocation)))
    }

    private func log(_ failure: String, of action: any RuleAction, rule: String, isErrorAction: Bool) {
        self.logLimit.run { suppressed in
            self.logger.warning(
                isErrorAction ? "a rule's error action failed" : "an action of a rule failed",
                metadata: [
                    "rule": "\(rule)", "action": "\(type(of: action).key)", "resource": "\(action.resource)", "reason": "\(failure)",
                    "suppressed": "\(suppressed)",
                ])
        }
    }
}
