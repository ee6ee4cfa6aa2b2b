import AWSAPI
import JSON
import Storage

/// `PATCH /rules/{ruleName}`: another payload for a rule, all of it.
struct ReplaceTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "ReplaceTopicRule", "PATCH", "/rules/{ruleName}")

    let rules: RulesService

    func handle(_ input: RulePayloadInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.rules.replace(input.name, addsDestinations: true) { _ in input.payload }
        return EmptyOutput()
    }
}

extension RulesService {
    /// Changes a rule's payload, on disk and then in the engine.
    ///
    /// - Parameter addsDestinations: whether the destinations that it needs are made.
    func replace(
        _ name: String, addsDestinations: Bool = false, _ change: @escaping @Sendable (JSONObject) -> JSONObject
    ) async throws {
        let added = try await self.store.write { connection in
            let table = RuleTable(connection: connection)
            guard let found = try table.find(name) else { throw AWSError.noRule(name) }
            let payload = change(found.payload)
            let definition = try self.definition(name, payload)
            _ = try table.update(name, payload: payload)
            return addsDestinations ? try self.destinations.addMissing(definition.destinationURLs, connection) : []
        }
        for id in added { await self.destinations.changed(id) }
        try await self.settle(name)
    }
}
