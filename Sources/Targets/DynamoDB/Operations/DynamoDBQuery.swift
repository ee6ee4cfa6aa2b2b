import AWSAPI
import JSON

/// What Query and Scan have in common.
struct DynamoDBPageInput: Sendable {
    let table: String
    let filter: Condition?
    let projection: [String]?
    let limit: Int
    let start: JSONObject?
    let countsOnly: Bool
    let isConsistent: Bool
    let capacity: DynamoDBCapacity?

    private static let refused = [
        "IndexName", "AttributesToGet", "ConditionalOperator", "KeyConditions", "QueryFilter", "ScanFilter", "Segment", "TotalSegments",
    ]

    init(_ input: OperationInput, _ names: inout ExpressionNames) throws {
        self.table = try input.tableName()
        try input.refuse(Self.refused)
        self.filter = try input.condition("FilterExpression", &names)
        self.projection = try input.projection(&names)
        self.limit = try input.optionalInt("Limit", range: 1...Int(Int32.max)) ?? .max
        self.start = try input.optionalObject("ExclusiveStartKey").map { try DynamoDBValue.attributes($0) }
        let words = ["ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES", "COUNT"]
        self.countsOnly = try input.optionalWord("Select", of: words) == "COUNT"
        self.isConsistent = try input.bool("ConsistentRead")
        self.capacity = try input.capacity()
        try names.checkAllUsed()
    }
}

/// One page of a Query or a Scan as it grows.
struct DynamoDBPage {
    let input: DynamoDBPageInput
    let schema: DynamoDBKeySchema
    private var items: [JSONValue] = []
    private var count = 0
    private var scanned = 0
    private var bytes = 0
    private var last: JSONObject?
    /// Whether there may be more behind the last item.
    private var isFull = false

    init(_ input: DynamoDBPageInput, _ schema: DynamoDBKeySchema) {
        self.input = input
        self.schema = schema
    }

    /// - Returns: false when the page is full.
    mutating func add(_ item: DynamoDBItem) -> Bool {
        if self.scanned > 0, self.bytes + item.bytes > DynamoDBLimits.maxPageBytes {
            self.isFull = true
            return false
        }
        self.scanned += 1
        self.bytes += item.bytes
        self.last = self.schema.key(of: item.attributes)
        if self.input.filter?.holds(for: item.attributes) ?? true {
            self.count += 1
            if !self.input.countsOnly { self.items.append(.object(item.attributes.projected(to: self.input.projection))) }
        }
        // As AWS, the page ends where the limit is reached, whether or not anything comes behind.
        self.isFull = self.scanned >= self.input.limit
        return !self.isFull
    }

    var answer: JSONObject {
        var answer: JSONObject = [:]
        if !self.input.countsOnly { answer["Items"] = .array(self.items) }
        answer["Count"] = .int(Int64(self.count))
        answer["ScannedCount"] = .int(Int64(self.scanned))
        if self.isFull, let last { answer["LastEvaluatedKey"] = .object(last) }
        answer["ConsumedCapacity"] = self.input.capacity?.described(
            self.input.table, DynamoDBCapacity.read(self.bytes, isConsistent: self.input.isConsistent))
        return answer
    }
}

struct DynamoDBQuery: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "Query")

    struct Input: OperationDecodable {
        let page: DynamoDBPageInput
        let condition: Condition
        let isForward: Bool

        init(_ input: OperationInput) throws {
            var names = try input.expressionNames()
            let condition = try input.condition("KeyConditionExpression", &names)
            self.page = try DynamoDBPageInput(input, &names)
            guard let condition else {
                throw DynamoDBError.validation(
                    "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
            }
            self.condition = condition
            self.isForward = try input.optionalBool("ScanIndexForward") ?? true
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.dynamoDB.read { tables in
            let table = try tables.existing(input.page.table)
            let condition = try KeyCondition(input.condition, table.schema)
            var bounds = condition.bounds
            if let start = input.page.start {
                let place = try table.schema.position(ofKey: start)
                guard place.hash == condition.hash else {
                    throw DynamoDBError.validation("The provided starting key is outside query boundaries based on provided conditions")
                }
                bounds.begin(behind: place.range, isForward: input.isForward)
            }
            var page = DynamoDBPage(input.page, table.schema)
            try tables.query(table.name, hash: condition.hash, bounds, forward: input.isForward) { page.add($0) }
            return page.answer
        }
    }
}

struct DynamoDBScan: AWSOperation {
    static let route = OperationRoute(.dynamoDB, "Scan")

    struct Input: OperationDecodable {
        let page: DynamoDBPageInput

        init(_ input: OperationInput) throws {
            var names = try input.expressionNames()
            self.page = try DynamoDBPageInput(input, &names)
        }
    }

    let dynamoDB: DynamoDBService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.dynamoDB.read { tables in
            let table = try tables.existing(input.page.table)
            let start = try input.page.start.map { try table.schema.position(ofKey: $0) }
            var page = DynamoDBPage(input.page, table.schema)
            try tables.scan(table.name, after: start) { page.add($0) }
            return page.answer
        }
    }
}

extension DynamoDBTables.RangeBounds {
    /// Leaves out what a page before had.
    fileprivate mutating func begin(behind range: [UInt8], isForward: Bool) {
        if isForward {
            let next = range + [0]
            if self.lower.lexicographicallyPrecedes(next) { self.lower = next }
        } else if self.upper.map({ range.lexicographicallyPrecedes($0) }) ?? true {
            self.upper = range
        }
    }
}
