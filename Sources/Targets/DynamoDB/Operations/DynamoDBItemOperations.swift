import AWSAPI
import HTTPTypes
import JSON

/// The older ways to say what expressions say.
private let olderParameters = ["Expected", "ConditionalOperator", "AttributeUpdates", "AttributesToGet"]

struct DynamoDBPutItem: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "PutItem")

    struct Input: OperationDecodable {
        let table: String
        let item: JSONObject
        let condition: DynamoDBWrites.Guard
        let returnsOld: Bool
        let capacity: DynamoDBCapacity?
        let keySchema: String?

        init(_ input: OperationInput) throws {
            self.table = try input.tableName()
            try input.refuse(olderParameters)
            self.item = try input.attributes("Item")
            var names = try input.expressionNames()
            self.condition = try input.writeGuard(&names)
            try names.checkAllUsed()
            self.returnsOld = try input.optionalWord("ReturnValues", of: ["NONE", "ALL_OLD"]) == "ALL_OLD"
            self.capacity = try input.capacity()
            self.keySchema = input.headers[.roostKeySchema]
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let writer = DynamoDBService.Writer(context.caller, keySchema: input.keySchema)
        let outcome = try await self.dynamoDB.write(input.table, writer) { try $0.put(input.item, if: input.condition) }
        var answer: JSONObject = [:]
        if input.returnsOld, let old = outcome.old { answer["Attributes"] = .object(old) }
        answer["ConsumedCapacity"] = input.capacity?.described(
            input.table, DynamoDBCapacity.written(max(DynamoDBValue.size(of: input.item), outcome.old.map(DynamoDBValue.size) ?? 0)))
        return answer
    }
}

struct DynamoDBGetItem: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "GetItem")

    struct Input: OperationDecodable {
        let table: String
        let key: JSONObject
        let projection: [String]?
        let isConsistent: Bool
        let capacity: DynamoDBCapacity?

        init(_ input: OperationInput) throws {
            self.table = try input.tableName()
            try input.refuse(olderParameters)
            self.key = try input.attributes("Key")
            var names = try input.expressionNames()
            self.projection = try input.projection(&names)
            try names.checkAllUsed()
            self.isConsistent = try input.bool("ConsistentRead")
            self.capacity = try input.capacity()
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let found = try await self.dynamoDB.read { tables in
            let table = try tables.existing(input.table)
            return try tables.item(at: try table.schema.position(ofKey: input.key), in: table.name)
        }
        var answer: JSONObject = [:]
        if let found { answer["Item"] = .object(found.attributes.projected(to: input.projection)) }
        answer["ConsumedCapacity"] = input.capacity?.described(
            input.table, DynamoDBCapacity.read(found?.bytes ?? 0, isConsistent: input.isConsistent))
        return answer
    }
}

struct DynamoDBDeleteItem: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "DeleteItem")

    struct Input: OperationDecodable {
        let table: String
        let key: JSONObject
        let condition: DynamoDBWrites.Guard
        let returnsOld: Bool
        let capacity: DynamoDBCapacity?
        let keySchema: String?

        init(_ input: OperationInput) throws {
            self.table = try input.tableName()
            try input.refuse(olderParameters)
            self.key = try input.attributes("Key")
            var names = try input.expressionNames()
            self.condition = try input.writeGuard(&names)
            try names.checkAllUsed()
            self.returnsOld = try input.optionalWord("ReturnValues", of: ["NONE", "ALL_OLD"]) == "ALL_OLD"
            self.capacity = try input.capacity()
            self.keySchema = input.headers[.roostKeySchema]
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let writer = DynamoDBService.Writer(context.caller, keySchema: input.keySchema)
        let outcome = try await self.dynamoDB.write(input.table, writer) { try $0.delete(input.key, if: input.condition) }
        var answer: JSONObject = [:]
        if input.returnsOld, let old = outcome.old { answer["Attributes"] = .object(old) }
        answer["ConsumedCapacity"] = input.capacity?.described(
            input.table, DynamoDBCapacity.written(outcome.old.map(DynamoDBValue.size) ?? 0))
        return answer
    }
}

struct DynamoDBUpdateItem: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "UpdateItem")

    struct Input: OperationDecodable {
        let table: String
        let key: JSONObject
        let update: UpdateExpression?
        let condition: DynamoDBWrites.Guard
        let returns: String
        let capacity: DynamoDBCapacity?
        let keySchema: String?

        init(_ input: OperationInput) throws {
            self.table = try input.tableName()
            try input.refuse(olderParameters)
            self.key = try input.attributes("Key")
            var names = try input.expressionNames()
            if let text = try input.optionalString("UpdateExpression") {
                var parser = try ExpressionParser(text, kind: "UpdateExpression", names: names)
                self.update = try UpdateExpression(&parser)
                names = parser.names
            } else {
                self.update = nil
            }
            self.condition = try input.writeGuard(&names)
            try names.checkAllUsed()
            let words = ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"]
            self.returns = try input.optionalWord("ReturnValues", of: words) ?? "NONE"
            self.capacity = try input.capacity()
            self.keySchema = input.headers[.roostKeySchema]
        }

        /// The attributes that the answer tells.
        func attributes(_ outcome: DynamoDBWrites.Outcome) -> JSONObject? {
            let changed = self.update?.changes.map(\.path.name) ?? []
            let told: JSONObject? =
                switch self.returns {
                case "ALL_OLD": outcome.old
                case "ALL_NEW": outcome.new
                case "UPDATED_OLD": outcome.old?.projected(to: changed)
                case "UPDATED_NEW": outcome.new?.projected(to: changed)
                default: nil
                }
            return told?.isEmpty == true ? nil : told
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let writer = DynamoDBService.Writer(context.caller, keySchema: input.keySchema)
        let outcome = try await self.dynamoDB.write(input.table, writer) { try $0.update(input.key, input.update, if: input.condition) }
        var answer: JSONObject = [:]
        if let told = input.attributes(outcome) { answer["Attributes"] = .object(told) }
        let bytes = [outcome.old, outcome.new].compactMap { $0.map(DynamoDBValue.size) }.max() ?? 0
        answer["ConsumedCapacity"] = input.capacity?.described(input.table, DynamoDBCapacity.written(bytes))
        return answer
    }
}
