import AWSAPI
import JSON
import Storage

/// `GET /rules`: the rules by name, all or those whose FROM takes a topic, or that are (not) disabled.
struct ListTopicRules: AWSOperation {
    static let route = OperationRoute(.iot, "ListTopicRules", "GET", "/rules")
    static let maxPage = 10_000
    static let defaultPage = 100

    struct Input: OperationDecodable {
        let topic: String?
        let isDisabled: Bool?
        let maxResults: Int
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.topic = try input.optionalString("topic", in: .query)
            self.isDisabled = try input.optionalBool("ruleDisabled", in: .query)
            self.maxResults =
                try input.optionalInt("maxResults", in: .query, range: 1...ListTopicRules.maxPage) ?? ListTopicRules.defaultPage
            self.nextToken = try input.optionalString("nextToken", in: .query)
        }

        var query: [String?] { [self.topic, self.isDisabled.map { "\($0)" }] }
    }

    let rules: RulesService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let start = try context.pages.position(in: input.nextToken, query: input.query)
        let records = try await self.rules.store.read { try RuleTable(connection: $0).all() }
        let found = records.filter { record in (start.map { record.name > $0 } ?? true) && self.matches(record, input) }
        let page = found.prefix(input.maxResults)
        var output: JSONObject = ["rules": .array(page.map(self.item))]
        if found.count > page.count, let last = page.last {
            output["nextToken"] = .string(context.pages.token(after: last.name, query: input.query))
        }
        return output
    }

    private func matches(_ record: RuleRecord, _ input: Input) -> Bool {
        if let isDisabled = input.isDisabled, isDisabled != (record.payload["ruleDisabled"]?.boolValue ?? false) { return false }
        // The topic is the filter as the rule has it.
        return input.topic.map { $0 == self.filter(record) } ?? true
    }

    private func item(_ record: RuleRecord) -> JSONValue {
        var item: JSONObject = [
            "ruleArn": .string(self.rules.arn(record.name)), "ruleName": .string(record.name), "createdAt": .int(record.createdAt),
            "ruleDisabled": .bool(record.payload["ruleDisabled"]?.boolValue ?? false),
        ]
        if let filter = self.filter(record) { item["topicPattern"] = .string(filter) }
        return .object(item)
    }

    private func filter(_ record: RuleRecord) -> String? { self.rules.engine.definition(of: record.name)?.statement.topicFilter }
}
