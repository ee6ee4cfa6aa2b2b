import AWSAPI
import JSON

/// `dynamoDB`: the whole result becomes one attribute of an item with a given key (DynamoDB PutItem, UpdateItem, DeleteItem).
struct DynamoDBAction: RuleAction {
    static let key = "dynamoDB"
    static let failureName = "DynamoAction"
    static let standardPayloadField = "payload"

    private enum Operation: String, CaseIterable { case insert = "INSERT", update = "UPDATE", delete = "DELETE" }

    /// What one result asks for.
    private struct Change: Sendable {
        let table: DynamoDBTable
        let operation: Operation
        let key: JSONObject
        let payloadField: String
        let payload: JSONValue

        var item: JSONObject {
            var item = self.key
            item[self.payloadField] = self.payload
            return item
        }
    }

    /// Results that can share calls.
    private struct Place: Hashable, Sendable {
        let table: DynamoDBTable
        let operation: Operation
    }

    private let table: SubstitutionTemplate
    private let operation: SubstitutionTemplate?
    private let hashKey: DynamoDBKey
    private let rangeKey: DynamoDBKey?
    private let payloadField: SubstitutionTemplate?
    private let services: ActionServices
    let resource: String
    let batchLimit = DynamoDBCalls.maxBatch

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("tableName")
        self.table = try fields.template("tableName")
        self.operation = try fields.optionalTemplate("operation")
        if let operation = self.operation, operation.isConstant {
            _ = try fields.input.optionalWord("operation", of: Operation.allCases.map(\.rawValue))
        }
        guard let hashKey = try DynamoDBKey(fields, "hashKey") else { throw .invalidRequest("The action's field hashKeyField is missing.") }
        self.hashKey = hashKey
        self.rangeKey = try DynamoDBKey(fields, "rangeKey")
        self.payloadField = try fields.optionalTemplate("payloadField")
        self.services = fields.services
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: self.change) { place, members in
            if place.operation == .insert {
                let puts = members.map { BatchMember(place: $0.place, item: $0.item, entry: $0.entry.item) }
                return await DynamoDBCalls.put(puts, table: place.table, services: self.services)
            }
            var outcomes: [ActionOutcome] = []
            for member in members { outcomes.append(await self.services.deliver(member.item) { _ in Self.request(member.entry) }) }
            return outcomes
        }
    }

    private func change(_ item: ActionItem) async throws -> (Place, Change) {
        let text = try await item.text(self.operation) ?? ""
        guard let operation = text.isEmpty ? .insert : Operation(rawValue: text) else {
            throw ActionProblem("operation is \"\(text.prefix(64))\", which is none of INSERT, UPDATE and DELETE.")
        }
        let hash = try await self.hashKey.attribute(for: item)
        var key: JSONObject = [hash.name: hash.value]
        var schema = "\(hash.name):\(self.hashKey.type)"
        if let rangeKey = self.rangeKey {
            let range = try await rangeKey.attribute(for: item)
            key[range.name] = range.value
            schema += ",\(range.name):\(rangeKey.type)"
        }
        let field = try await item.text(self.payloadField) ?? ""
        let payload: JSONValue =
            switch item.output.body {
            case .json(let value): DynamoDBValue.of(value)
            case .raw(let bytes): DynamoDBValue.binary(bytes)
            }
        let table = DynamoDBTable(name: try await item.text(self.table), keySchema: schema)
        let change = Change(
            table: table, operation: operation, key: key, payloadField: field.isEmpty ? Self.standardPayloadField : field, payload: payload)
        return (Place(table: table, operation: operation), change)
    }

    private static func request(_ change: Change) -> ServiceRequest {
        var body: JSONObject = ["TableName": .string(change.table.name), "Key": .object(change.key)]
        guard change.operation == .update else { return DynamoDBCalls.request("DeleteItem", change.table, body) }
        body["UpdateExpression"] = "SET #payload = :payload"
        body["ExpressionAttributeNames"] = .object(["#payload": .string(change.payloadField)])
        body["ExpressionAttributeValues"] = .object([":payload": change.payload])
        return DynamoDBCalls.request("UpdateItem", change.table, body)
    }
}

/// One part of an item's key: `hashKeyField`, `hashKeyType` and `hashKeyValue`, or those of the range key.
struct DynamoDBKey: Sendable {
    private let field: SubstitutionTemplate
    private let value: SubstitutionTemplate
    /// "S" or "N".
    let type: String

    /// - Parameter prefix: "hashKey" or "rangeKey".
    /// - Returns: nil when neither field nor value is given.
    init?(_ fields: ActionFields, _ prefix: String) throws(AWSError) {
        let field = try fields.optionalTemplate("\(prefix)Field")
        let value = try fields.optionalTemplate("\(prefix)Value")
        self.type = try fields.input.optionalWord("\(prefix)Type", of: ["STRING", "NUMBER"]) == "NUMBER" ? "N" : "S"
        if field == nil, value == nil { return nil }
        guard let field, let value else {
            throw .invalidRequest("\(prefix)Field and \(prefix)Value belong together: one of them is missing.")
        }
        self.field = field
        self.value = value
    }

    func attribute(for item: ActionItem) async throws -> (name: String, value: JSONValue) {
        let name = try await item.text(self.field)
        let text = try await item.text(self.value)
        guard !name.isEmpty else { throw ActionProblem("The name of a key attribute is empty.") }
        guard !text.isEmpty else { throw ActionProblem("The value of the key attribute \(name) is empty.") }
        guard self.type == "S" || JSONDecimal(text) != nil else {
            throw ActionProblem("The value of the key attribute \(name) is \"\(text.prefix(64))\", which is no number.")
        }
        return (name, .object([self.type: .string(text)]))
    }
}
