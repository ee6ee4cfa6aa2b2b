import AWSAPI
import JSON
import Storage

/// `GET /rules/{ruleName}`: what CreateTopicRule was given; what it was not given is absent.
struct GetTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "GetTopicRule", "GET", "/rules/{ruleName}")

    let rules: RulesService

    func handle(_ input: RuleNameInput, _ context: OperationContext) async throws -> JSONObject {
        let found = try await self.rules.store.read { try RuleTable(connection: $0).find(input.name) }
        guard let found else { throw AWSError.noRule(input.name) }
        var rule = found.payload
        rule["ruleName"] = .string(found.name)
        rule["createdAt"] = .int(found.createdAt)
        rule["ruleDisabled"] = .bool(found.payload["ruleDisabled"]?.boolValue ?? false)
        rule["awsIotSqlVersion"] = found.payload["awsIotSqlVersion"] ?? .string(SQLVersion.v2015.rawValue)
        return ["ruleArn": .string(self.rules.arn(found.name)), "rule": .object(rule)]
    }
}
