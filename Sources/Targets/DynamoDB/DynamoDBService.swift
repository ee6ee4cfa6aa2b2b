import AWSAPI
import Foundation
import JSON
import Storage

extension AWSService {
    /// The embedded DynamoDB.
    static let dynamoDB = AWSService(
        name: "dynamodb", signingNames: ["dynamodb"], wire: .json(targetPrefix: "DynamoDB_20120810", version: "1.0"),
        invalidRequestName: "ValidationException")
}

/// The embedded DynamoDB: tables and items in the database.
struct DynamoDBService: Sendable {
    let store: any Store
    let account: AccountContext
    let limits: TargetLimits
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    /// Who writes, and what is to happen when the table is missing.
    struct Writer: Sendable {
        /// The key of a table to be made; nil when a missing table is an error.
        let missingTable: DynamoDBKeySchema?

        /// A rule makes the table that it writes to, with the key that its action knows, else with one that the server counts.
        init(_ caller: Caller, keySchema header: String?) {
            self.missingTable = caller.isService ? header.flatMap(DynamoDBKeySchema.init(header:)) ?? .counted : nil
        }
    }

    /// Runs a change of a table's items.
    func write<T: Sendable>(
        _ name: String, _ writer: Writer, _ body: @escaping @Sendable (inout DynamoDBWrites) throws -> T
    ) async throws -> T {
        let (limit, now) = (self.limits.maxTargets, self.clock())
        return try await self.store.write { connection in
            let tables = DynamoDBTables(connection: connection)
            if let schema = writer.missingTable, try tables.table(name) == nil {
                try tables.create(
                    DynamoDBTable(name: name, id: UUID().uuidString.lowercased(), schema: schema, createdAt: now), limit: limit)
            }
            var writes = DynamoDBWrites(tables: tables, table: try tables.existing(name), time: now)
            return try body(&writes)
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (DynamoDBTables) throws -> T) async throws -> T {
        try await self.store.read { try body(DynamoDBTables(connection: $0)) }
    }
}

/// Changes of one table's items, inside one transaction.
struct DynamoDBWrites {
    let tables: DynamoDBTables
    var table: DynamoDBTable
    /// Milliseconds since 1970.
    let time: Int64

    /// What a write found and left.
    struct Outcome: Sendable {
        var old: JSONObject?
        var new: JSONObject?
    }

    /// A condition of a write, and whether a failure tells the item that is there.
    struct Guard: Sendable {
        var condition: Condition?
        var tellsItem = false

        func check(_ item: JSONObject?) throws {
            guard let condition, !condition.holds(for: item ?? [:]) else { return }
            throw DynamoDBError.conditionFailed(self.tellsItem ? item : nil)
        }
    }

    mutating func put(_ item: JSONObject, if condition: Guard = Guard()) throws -> Outcome {
        var item = item
        let counter = self.table.schema.hash.name
        if self.table.schema.isCounted, item[counter] == nil {
            item[counter] = .object(["N": .string(String(self.table.last + 1))])
        }
        let place = try self.table.schema.position(ofItem: item)
        guard DynamoDBValue.size(of: item) <= DynamoDBLimits.maxItemBytes else { throw DynamoDBError.itemTooLarge }
        let old = try self.tables.item(at: place, in: self.table.name)
        try condition.check(old?.attributes)
        try self.tables.put(item, at: place, in: &self.table, replacing: old, time: self.time)
        return Outcome(old: old?.attributes, new: item)
    }

    mutating func delete(_ key: JSONObject, if condition: Guard = Guard()) throws -> Outcome {
        let place = try self.table.schema.position(ofKey: key)
        let old = try self.tables.item(at: place, in: self.table.name)
        try condition.check(old?.attributes)
        if let old { try self.tables.delete(old, at: place, in: &self.table) }
        return Outcome(old: old?.attributes)
    }

    /// An item that is not there is made.
    mutating func update(_ key: JSONObject, _ update: UpdateExpression?, if condition: Guard) throws -> Outcome {
        let place = try self.table.schema.position(ofKey: key)
        for part in self.table.schema.parts where update?.changes.contains(where: { $0.path.name == part.name }) ?? false {
            throw DynamoDBError.validation(
                "One or more parameter values were invalid: Cannot update attribute \(part.name). This attribute is part of the key")
        }
        let old = try self.tables.item(at: place, in: self.table.name)
        try condition.check(old?.attributes)
        let new = try update?.applied(to: old?.attributes ?? key) ?? old?.attributes ?? key
        guard DynamoDBValue.size(of: new) <= DynamoDBLimits.maxItemBytes else { throw DynamoDBError.itemToUpdateTooLarge }
        try self.tables.put(new, at: place, in: &self.table, replacing: old, time: self.time)
        return Outcome(old: old?.attributes, new: new)
    }
}
