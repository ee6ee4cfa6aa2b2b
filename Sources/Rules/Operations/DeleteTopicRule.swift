import AWSAPI
import Storage

/// `DELETE /rules/{ruleName}`. A rule that does not exist is as good as deleted.
struct DeleteTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteTopicRule", "DELETE", "/rules/{ruleName}")

    let rules: RulesService

    func handle(_ input: RuleNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        _ = try await self.rules.store.write { try RuleTable(connection: $0).delete(input.name) }
        await self.rules.engine.remove(input.name)
        return EmptyOutput()
    }
}
