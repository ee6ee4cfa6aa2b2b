import AWSAPI
import JSON

/// `dynamoDBv2`: each member of the result becomes an attribute of an item (DynamoDB PutItem).
struct DynamoDBv2Action: RuleAction {
    static let key = "dynamoDBv2"
    static let failureName = "DynamoActionV2"

    private let table: SubstitutionTemplate
    private let services: ActionServices
    let resource: String
    let batchLimit = DynamoDBCalls.maxBatch

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        guard let put = try fields.nested("putItem") else { throw .invalidRequest("The action's field putItem is missing.") }
        self.resource = try put.input.string("tableName")
        self.table = try put.template("tableName")
        self.services = fields.services
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: self.entry) { table, members in
            await DynamoDBCalls.put(members, table: table, services: self.services)
        }
    }

    private func entry(_ item: ActionItem) async throws -> (DynamoDBTable, JSONObject) {
        guard case .json(.object(let object)) = item.output.body else {
            throw ActionProblem("The result is not a JSON object, whose members become the item's attributes.")
        }
        return (DynamoDBTable(name: try await item.text(self.table), keySchema: nil), DynamoDBValue.attributes(of: object))
    }
}
