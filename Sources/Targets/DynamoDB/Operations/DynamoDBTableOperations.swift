import AWSAPI
import Foundation
import JSON
import Storage

struct DynamoDBCreateTable: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "CreateTable")

    struct Input: OperationDecodable {
        let name: String
        let schema: DynamoDBKeySchema
        let settings: JSONObject

        private static let refused = [
            "LocalSecondaryIndexes", "GlobalSecondaryIndexes", "SSESpecification", "Tags", "ResourcePolicy", "OnDemandThroughput",
            "WarmThroughput",
        ]

        init(_ input: OperationInput) throws {
            self.name = try input.tableName()
            for name in Self.refused {
                // SDKs and tools send empty lists.
                if let value = try input.value(name), value.arrayValue?.isEmpty != true { throw DynamoDBError.notOffered(name) }
            }
            if try input.optionalObject("StreamSpecification")?["StreamEnabled"] == true {
                throw DynamoDBError.notOffered("StreamSpecification")
            }
            if try input.bool("DeletionProtectionEnabled") { throw DynamoDBError.notOffered("DeletionProtectionEnabled") }
            _ = try input.optionalWord("TableClass", of: ["STANDARD"])
            self.schema = try Self.schema(input)
            let mode = try input.optionalWord("BillingMode", of: ["PROVISIONED", "PAY_PER_REQUEST"]) ?? "PROVISIONED"
            let throughput = try input.optionalObject("ProvisionedThroughput")
            guard mode != "PROVISIONED" || throughput != nil else {
                throw DynamoDBError.validation(
                    "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                        + "BillingMode is PROVISIONED")
            }
            self.settings = ["BillingMode": .string(mode), "ProvisionedThroughput": .object(throughput ?? [:])]
        }

        private static func schema(_ input: OperationInput) throws -> DynamoDBKeySchema {
            var types: [String: String] = [:]
            for definition in try input.optionalArray("AttributeDefinitions") ?? [] {
                guard let name = definition["AttributeName"]?.stringValue, let type = definition["AttributeType"]?.stringValue,
                    ["S", "N", "B"].contains(type)
                else { throw DynamoDBError.validation("An AttributeDefinition needs an AttributeName, and an AttributeType of S, N or B") }
                types[name] = type
            }
            let parts = try (input.optionalArray("KeySchema") ?? []).map { element in
                guard let name = element["AttributeName"]?.stringValue, !name.isEmpty, let kind = element["KeyType"]?.stringValue else {
                    throw DynamoDBError.validation("An element of KeySchema needs an AttributeName and a KeyType")
                }
                guard let type = types[name] else {
                    throw DynamoDBError.validation(
                        "One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. "
                            + "Keys: [\(name)]")
                }
                return (part: DynamoDBKeySchema.Part(name: name, type: type), kind: kind)
            }
            guard let hash = parts.first, hash.kind == "HASH", parts.count == 1 || (parts.count == 2 && parts[1].kind == "RANGE"),
                Set(parts.map(\.part.name)).count == parts.count
            else {
                throw DynamoDBError.validation(
                    "Invalid KeySchema: The first KeySchemaElement is HASH, a second one is RANGE and another attribute")
            }
            guard types.count == parts.count else {
                throw DynamoDBError.validation(
                    "One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of "
                        + "attributes defined in AttributeDefinitions")
            }
            return DynamoDBKeySchema(hash: hash.part, range: parts.count > 1 ? parts[1].part : nil)
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let limit = self.dynamoDB.limits.maxTargets
        let table = DynamoDBTable(
            name: input.name, id: UUID().uuidString.lowercased(), schema: input.schema, settings: input.settings,
            createdAt: self.dynamoDB.clock())
        try await self.dynamoDB.store.write { connection in
            let tables = DynamoDBTables(connection: connection)
            guard try tables.table(input.name) == nil else { throw DynamoDBError.tableInUse(input.name) }
            try tables.create(table, limit: limit)
        }
        return ["TableDescription": .object(table.described(self.dynamoDB.account, status: "ACTIVE"))]
    }
}

/// The table that an operation is about.
struct DynamoDBTableInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws { self.name = try input.tableName() }
}

struct DynamoDBDescribeTable: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "DescribeTable")

    let dynamoDB: DynamoDBService

    func handle(_ input: DynamoDBTableInput, _ context: OperationContext) async throws -> JSONObject {
        let table = try await self.dynamoDB.read { try $0.existing(input.name) }
        return ["Table": .object(table.described(self.dynamoDB.account, status: "ACTIVE"))]
    }
}

struct DynamoDBDeleteTable: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "DeleteTable")

    let dynamoDB: DynamoDBService

    func handle(_ input: DynamoDBTableInput, _ context: OperationContext) async throws -> JSONObject {
        let table = try await self.dynamoDB.read { try $0.existing(input.name) }
        var isGone = false
        while !isGone {
            isGone = try await self.dynamoDB.store.write { connection in
                let tables = DynamoDBTables(connection: connection)
                // Somebody else may have deleted it meanwhile, and made another.
                guard let found = try tables.table(input.name), found.id == table.id else { return true }
                return try tables.delete(found, limit: DynamoDBLimits.maxDeletions)
            }
        }
        return ["TableDescription": .object(table.described(self.dynamoDB.account, status: "DELETING"))]
    }
}

struct DynamoDBListTables: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "ListTables")

    struct Input: OperationDecodable {
        let after: String
        let limit: Int

        init(_ input: OperationInput) throws {
            self.after = try input.optionalString("ExclusiveStartTableName") ?? ""
            self.limit = try input.optionalInt("Limit", range: 1...100) ?? 100
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let names = try await self.dynamoDB.read { try $0.tables(after: input.after, limit: input.limit + 1).map(\.name) }
        let page = names.prefix(input.limit)
        var answer: JSONObject = ["TableNames": .array(page.map(JSONValue.string))]
        if names.count > page.count, let last = page.last { answer["LastEvaluatedTableName"] = .string(last) }
        return answer
    }
}

extension DynamoDBTable {
    /// `TableDescription`.
    func described(_ account: AccountContext, status: String) -> JSONObject {
        let throughput = self.settings["ProvisionedThroughput"]
        let mode = self.settings["BillingMode"]?.stringValue ?? "PAY_PER_REQUEST"
        return [
            "AttributeDefinitions": self.schema.attributeDefinitions, "TableName": .string(self.name), "KeySchema": self.schema.keySchema,
            "TableStatus": .string(status), "CreationDateTime": .decimal(JSONDecimal(Double(self.createdAt) / 1000) ?? JSONDecimal(0)),
            "ProvisionedThroughput": .object([
                "NumberOfDecreasesToday": 0, "ReadCapacityUnits": throughput?["ReadCapacityUnits"] ?? 0,
                "WriteCapacityUnits": throughput?["WriteCapacityUnits"] ?? 0,
            ]),
            "TableSizeBytes": .int(Int64(self.bytes)), "ItemCount": .int(Int64(self.items)),
            "TableArn": .string(account.arn(service: "dynamodb", "table/\(self.name)")), "TableId": .string(self.id),
            "BillingModeSummary": .object(["BillingMode": .string(mode)]), "DeletionProtectionEnabled": false,
        ]
    }
}
