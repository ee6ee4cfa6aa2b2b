import AWSAPI
import JSON

/// `POST /rules/{ruleName}/enable`.
struct EnableTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "EnableTopicRule", "POST", "/rules/{ruleName}/enable")

    let rules: RulesService

    func handle(_ input: RuleNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.rules.replace(input.name) { $0.settingDisabled(false) }
        return EmptyOutput()
    }
}

/// `POST /rules/{ruleName}/disable`: it takes no more messages; what it took is still delivered.
struct DisableTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "DisableTopicRule", "POST", "/rules/{ruleName}/disable")

    let rules: RulesService

    func handle(_ input: RuleNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.rules.replace(input.name) { $0.settingDisabled(true) }
        return EmptyOutput()
    }
}

extension JSONObject {
    fileprivate func settingDisabled(_ isDisabled: Bool) -> JSONObject {
        var copy = self
        copy["ruleDisabled"] = .bool(isDisabled)
        return copy
    }
}
