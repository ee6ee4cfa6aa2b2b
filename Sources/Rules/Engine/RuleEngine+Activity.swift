import Broker
import JSON

extension Activity.Event {
    static let ruleMatch = Activity.Event(rawValue: "RuleMatch")
    static let startingRuleExecution = Activity.Event(rawValue: "StartingRuleExecution")
    static let ruleExecution = Activity.Event(rawValue: "RuleExecution")
    static let functionExecution = Activity.Event(rawValue: "FunctionExecution")
    static let ruleNotFound = Activity.Event(rawValue: "RuleNotFound")
    static let ruleMessageThrottled = Activity.Event(rawValue: "RuleMessageThrottled")
}

/// What rules do with messages, for the activity log.
extension RuleEngine {
    /// - Parameter fields: besides the rule and the topic.
    func note(
        _ event: Activity.Event, _ level: Activity.Level, _ client: Activity.Client, rule: String, topic: String, fields: () -> JSONObject
    ) {
        self.broker.note(event, level, client) { Self.fields(rule: rule, topic: topic, fields()) }
    }

    func note(_ event: Activity.Event, _ level: Activity.Level, rule: RunningRule, _ message: RuleMessage, fields: () -> JSONObject) {
        guard self.broker.isWatched else { return }
        let sql = message.sql
        let client = Activity.Client(clientID: sql.clientID, principal: sql.principal, address: sql.sourceIP)
        self.note(event, level, client, rule: rule.definition.name, topic: sql.topic, fields: fields)
    }

    func note(_ event: Activity.Event, _ level: Activity.Level, _ invocation: RuleInvocation, fields: () -> JSONObject) {
        self.note(event, level, rule: invocation.rule, invocation.message, fields: fields)
    }

    func noteStart(of action: any RuleAction, _ invocation: RuleInvocation) {
        self.note(.startingRuleExecution, .debug, invocation) { Self.fields(of: action) }
    }

    /// - Parameter failure: why it was given up; nil when it was done.
    func noteEnd(of action: any RuleAction, _ invocation: RuleInvocation, _ failure: String?) {
        self.note(.ruleExecution, failure == nil ? .info : .error, invocation) {
            var fields = Self.fields(of: action)
            if let failure {
                fields["reason"] = "RuleExecutionFailure"
                fields["details"] = .string(failure)
            }
            return fields
        }
    }

    private static func fields(of action: any RuleAction) -> JSONObject {
        [
            "ruleAction": .string(type(of: action).failureName),
            "resources": .object(JSONObject([(type(of: action).key, .string(action.resource))])),
        ]
    }

    private static func fields(rule: String, topic: String, _ more: JSONObject) -> JSONObject {
        var fields: JSONObject = ["ruleName": .string(rule), "topicName": .string(topic)]
        for (name, value) in more { fields[name] = value }
        return fields
    }
}
