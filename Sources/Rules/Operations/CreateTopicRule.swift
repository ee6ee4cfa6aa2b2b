import AWSAPI
import Identity
import JSON
import Storage

/// `POST /rules/{ruleName}`: makes a rule, which takes the messages that come after the answer.
struct CreateTopicRule: AWSOperation {
    static let route = OperationRoute(.iot, "CreateTopicRule", "POST", "/rules/{ruleName}")

    struct Input: OperationDecodable {
        let name: String
        let payload: JSONObject
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            let rule = try RulePayloadInput(input)
            self.name = rule.name
            self.payload = rule.payload
            self.tags = try Tag.readHeader(input)
        }
    }

    let rules: RulesService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let urls = try self.rules.definition(input.name, input.payload).destinationURLs
        let record = RuleRecord(name: input.name, payload: input.payload, createdAt: self.rules.clock())
        let arn = self.rules.arn(input.name)
        let maxRules = self.rules.limits.maxRules
        let destinations = self.rules.destinations
        let added = try await self.rules.store.write { connection in
            let table = RuleTable(connection: connection)
            guard try table.find(record.name) == nil else {
                throw AWSError.resourceAlreadyExists("Rule \(record.name) already exists", resourceID: record.name, resourceARN: arn)
            }
            guard try table.count() < maxRules else {
                throw AWSError.limitExceeded("There are \(maxRules) rules, which is the most that one account has.")
            }
            try table.insert(record)
            try TagTable(connection: connection).set(input.tags, on: RulesService.resource(record.name))
            return try destinations.addMissing(urls, connection)
        }
        for id in added { await destinations.changed(id) }
        try await self.rules.settle(record.name)
        return EmptyOutput()
    }
}
