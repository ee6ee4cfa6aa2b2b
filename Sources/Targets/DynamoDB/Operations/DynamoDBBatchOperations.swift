import AWSAPI
import HTTPTypes
import JSON
import NIOCore
import Storage

struct DynamoDBBatchWriteItem: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "BatchWriteItem")

    enum Write: Sendable {
        case put(JSONObject)
        case delete(JSONObject)
    }

    struct Input: OperationDecodable {
        let tables: [(name: String, writes: [Write])]
        let capacity: DynamoDBCapacity?
        let keySchema: String?

        init(_ input: OperationInput) throws {
            self.tables = try input.object("RequestItems").map { name, requests in
                (try DynamoDBName.checked(name), try (requests.arrayValue ?? []).map(Self.write))
            }
            guard (1...DynamoDBLimits.maxBatchWrites).contains(self.tables.reduce(0) { $0 + $1.writes.count }),
                self.tables.allSatisfy({ !$0.writes.isEmpty })
            else {
                throw AWSError.constraint(
                    "Map value must satisfy constraint: [Member must have length less than or equal to 25, Member must have length "
                        + "greater than or equal to 1]", value: "''", at: "requestItems")
            }
            self.capacity = try input.capacity()
            self.keySchema = input.headers[.roostKeySchema]
        }

        private static func write(_ request: JSONValue) throws -> Write {
            if let item = request["PutRequest"]?["Item"]?.objectValue, request["DeleteRequest"] == nil {
                return .put(try DynamoDBValue.attributes(item))
            }
            if let key = request["DeleteRequest"]?["Key"]?.objectValue, request["PutRequest"] == nil {
                return .delete(try DynamoDBValue.attributes(key))
            }
            throw DynamoDBError.validation("Supplied AttributeValue has more than one datatypes set, or a request has neither Item nor Key")
        }
    }

    let dynamoDB: DynamoDBService

    /// All of a table or nothing: nothing is ever left unprocessed.
    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let writer = DynamoDBService.Writer(context.caller, keySchema: input.keySchema)
        var capacity: [JSONValue] = []
        for (name, list) in input.tables {
            let units = try await self.dynamoDB.write(name, writer) { writes in
                try Self.checkDistinct(list, writes.table.schema)
                return try list.reduce(0.0) { units, write in
                    let outcome =
                        switch write {
                        case .put(let item): try writes.put(item)
                        case .delete(let key): try writes.delete(key)
                        }
                    return units + DynamoDBCapacity.written((outcome.new ?? outcome.old).map(DynamoDBValue.size) ?? 0)
                }
            }
            if let described = input.capacity?.described(name, units) { capacity.append(described) }
        }
        var answer: JSONObject = ["UnprocessedItems": .object([:])]
        if !capacity.isEmpty { answer["ConsumedCapacity"] = .array(capacity) }
        return answer
    }

    private static func checkDistinct(_ list: [Write], _ schema: DynamoDBKeySchema) throws {
        var seen: Set<DynamoDBKeySchema.Position> = []
        for write in list {
            let place: DynamoDBKeySchema.Position
            switch write {
            case .put(let item):
                // One that the server counts is like no other.
                if schema.isCounted, item[schema.hash.name] == nil { continue }
                place = try schema.position(ofItem: item)
            case .delete(let key): place = try schema.position(ofKey: key)
            }
            guard seen.insert(place).inserted else { throw DynamoDBError.validation("Provided list of item keys contains duplicates") }
        }
    }
}

struct DynamoDBBatchGetItem: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "BatchGetItem")

    struct Part: Sendable {
        let table: String
        let request: JSONObject
        let keys: [JSONObject]
        let projection: [String]?
    }

    struct Input: OperationDecodable {
        let parts: [Part]

        init(_ input: OperationInput) throws {
            self.parts = try input.object("RequestItems").map { name, value in
                let request = value.objectValue ?? [:]
                if request["AttributesToGet"] != nil { throw DynamoDBError.notOffered("AttributesToGet") }
                let inner = OperationInput(bodyObject: request)
                var names = try inner.expressionNames()
                let projection = try inner.projection(&names)
                try names.checkAllUsed()
                let keys = try (request["Keys"]?.arrayValue ?? []).map { try DynamoDBValue.attributes($0.objectValue ?? [:]) }
                guard Set(keys).count == keys.count else {
                    throw DynamoDBError.validation("Provided list of item keys contains duplicates")
                }
                return Part(table: try DynamoDBName.checked(name), request: request, keys: keys, projection: projection)
            }
            guard (1...DynamoDBLimits.maxBatchKeys).contains(self.parts.reduce(0) { $0 + $1.keys.count }) else {
                throw DynamoDBError.validation("Too many items requested for the BatchGetItem call, or none: it takes 1 to 100 keys")
            }
        }
    }

    let dynamoDB: DynamoDBService

    /// Keys that no page has room for are left unprocessed.
    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.dynamoDB.read { tables in
            var responses: JSONObject = [:]
            var left: JSONObject = [:]
            var bytes = 0
            for part in input.parts {
                let table = try tables.existing(part.table)
                var items: [JSONValue] = []
                var unread: [JSONValue] = []
                for key in part.keys {
                    let place = try table.schema.position(ofKey: key)
                    guard bytes < DynamoDBLimits.maxPageBytes else {
                        unread.append(.object(key))
                        continue
                    }
                    guard let item = try tables.item(at: place, in: table.name) else { continue }
                    bytes += item.bytes
                    items.append(.object(item.attributes.projected(to: part.projection)))
                }
                responses[part.table] = .array(items)
                if !unread.isEmpty {
                    var request = part.request
                    request["Keys"] = .array(unread)
                    left[part.table] = .object(request)
                }
            }
            return ["Responses": .object(responses), "UnprocessedKeys": .object(left)]
        }
    }
}

extension OperationInput {
    /// The members of a structure inside a request.
    init(bodyObject: JSONObject) {
        self.init(rawBody: ByteBuffer(bytes: JSONValue.object(bodyObject).serializedBytes()))
    }
}
