import AWSAPI
import Identity
import Storage

/// `DELETE /rules/{ruleName}`. A rule that does not exist is as good as deleted.
struct DeleteTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteTopicRule", "DELETE", "/rules/{ruleName}")

    let rules: RulesService

    func handle(_ input: RuleNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.rules.store.write { connection in
            _ = try RuleTable(connection: connection).delete(input.name)
            try TagTable(connection: connection).deleteAll(on: RulesService.resource(input.name))
        }
        try await self.rules.settle(input.name)
        return EmptyOutput()
    }
}
