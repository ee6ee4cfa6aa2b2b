import JSON
import Storage

/// The rows of the embedded DynamoDB, inside one transaction.
struct DynamoDBTables {
    let connection: any StoreConnection

    // MARK: Tables

    func table(_ name: String) throws -> DynamoDBTable? {
        try self.connection.queryOne(Self.selectTable + " WHERE name = ?", [.text(name)]).map(Self.table)
    }

    func existing(_ name: String) throws -> DynamoDBTable {
        guard let table = try self.table(name) else { throw DynamoDBError.tableNotFound(name) }
        return table
    }

    func tables(after name: String, limit: Int) throws -> [DynamoDBTable] {
        try self.connection.query(Self.selectTable + " WHERE name > ? ORDER BY name LIMIT ?", [.text(name), StoreValue(limit)]).map(
            Self.table)
    }

    func create(_ table: DynamoDBTable, limit: Int) throws {
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM dynamodb_table")?.integer(0) ?? 0
        guard Int(count) < limit else { throw DynamoDBError.tooManyTables }
        try self.connection.execute(
            """
            INSERT INTO dynamodb_table (name, id, hash_name, hash_type, range_name, range_type, settings, created_at, items, bytes, last) \
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0)
            """,
            [
                .text(table.name), .text(table.id), .text(table.schema.hash.name), .text(table.schema.hash.type),
                StoreValue(table.schema.range?.name), StoreValue(table.schema.range?.type),
                .text(JSONValue.object(table.settings).serialized()), .integer(table.createdAt),
            ])
    }

    /// Deletes the table, or of one with more than `limit` items so many of them, for a write must not hold others up.
    ///
    /// - Returns: whether the table is gone.
    func delete(_ table: DynamoDBTable, limit: Int) throws -> Bool {
        guard table.items > limit else {
            try self.connection.execute("DELETE FROM dynamodb_item WHERE name = ?", [.text(table.name)])
            try self.connection.execute("DELETE FROM dynamodb_table WHERE name = ?", [.text(table.name)])
            return true
        }
        let oldest = try self.connection.query(
            "SELECT position, bytes FROM dynamodb_item WHERE name = ? ORDER BY position LIMIT ?", [.text(table.name), StoreValue(limit)])
        var table = table
        table.items -= oldest.count
        for row in oldest { table.bytes -= Int(try row.integer(1)) }
        try self.connection.execute(
            "DELETE FROM dynamodb_item WHERE name = ? AND position <= ?",
            [.text(table.name), .integer(try oldest.last?.integer(0) ?? 0)])
        try self.count(table)
        return false
    }

    // MARK: Items

    func item(at place: DynamoDBKeySchema.Position, in table: String) throws -> DynamoDBItem? {
        try self.connection.queryOne(
            Self.selectItem + " WHERE name = ? AND hash_key = ? AND range_key = ?", [.text(table), .blob(place.hash), .blob(place.range)]
        ).map(Self.item)
    }

    /// Keeps an item in the place of one that is there, whose size is counted in `table`.
    func put(
        _ attributes: JSONObject, at place: DynamoDBKeySchema.Position, in table: inout DynamoDBTable, replacing old: DynamoDBItem?,
        time: Int64
    ) throws {
        let bytes = DynamoDBValue.size(of: attributes)
        table.last += 1
        table.items += old == nil ? 1 : 0
        table.bytes += bytes - (old?.bytes ?? 0)
        let values: [StoreValue] = [
            .integer(table.last), StoreValue(bytes), .integer(time), .text(table.schema.text(of: attributes)),
            .text(JSONValue.object(attributes).serialized()), .text(table.name), .blob(place.hash), .blob(place.range),
        ]
        try self.connection.execute(
            old == nil
                ? "INSERT INTO dynamodb_item (position, bytes, at, shown, item, name, hash_key, range_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
                : "UPDATE dynamodb_item SET position = ?, bytes = ?, at = ?, shown = ?, item = ? "
                    + "WHERE name = ? AND hash_key = ? AND range_key = ?", values)
        try self.count(table)
    }

    func delete(_ old: DynamoDBItem, at place: DynamoDBKeySchema.Position, in table: inout DynamoDBTable) throws {
        try self.connection.execute(
            "DELETE FROM dynamodb_item WHERE name = ? AND hash_key = ? AND range_key = ?",
            [.text(table.name), .blob(place.hash), .blob(place.range)])
        table.items -= 1
        table.bytes -= old.bytes
        try self.count(table)
    }

    private func count(_ table: DynamoDBTable) throws {
        try self.connection.execute(
            "UPDATE dynamodb_table SET items = ?, bytes = ?, last = ? WHERE name = ?",
            [StoreValue(table.items), StoreValue(table.bytes), .integer(table.last), .text(table.name)])
    }

    // MARK: Walks

    /// The range keys that a Query looks at, as bytes.
    struct RangeBounds: Sendable, Hashable {
        /// Inclusive.
        var lower: [UInt8] = []
        /// Exclusive; nil for no end.
        var upper: [UInt8]?
    }

    /// Items of one hash key in the order of their range keys, until `body` says false.
    func query(
        _ table: String, hash: [UInt8], _ bounds: RangeBounds, forward: Bool, _ body: (DynamoDBItem) throws -> Bool
    ) throws {
        let order = forward ? " ORDER BY range_key" : " ORDER BY range_key DESC"
        let values: [StoreValue] = [.text(table), .blob(hash), .blob(bounds.lower)]
        let sql = Self.selectItem + " WHERE name = ? AND hash_key = ? AND range_key >= ?"
        if let upper = bounds.upper {
            try self.walk(sql + " AND range_key < ?" + order, values + [.blob(upper)], body)
        } else {
            try self.walk(sql + order, values, body)
        }
    }

    /// All items behind a place, in the order of the keys' bytes, until `body` says false.
    func scan(_ table: String, after place: DynamoDBKeySchema.Position?, _ body: (DynamoDBItem) throws -> Bool) throws {
        let order = " ORDER BY hash_key, range_key"
        guard let place else { return try self.walk(Self.selectItem + " WHERE name = ?" + order, [.text(table)], body) }
        try self.walk(
            Self.selectItem + " WHERE name = ? AND (hash_key, range_key) > (?, ?)" + order,
            [.text(table), .blob(place.hash), .blob(place.range)], body)
    }

    private struct EndOfWalk: Error {}

    private func walk(_ sql: String, _ values: [StoreValue], _ body: (DynamoDBItem) throws -> Bool) throws {
        do {
            try self.connection.forEach(sql, values) { row in
                guard try body(try Self.item(row)) else { throw EndOfWalk() }
            }
        } catch is EndOfWalk {
            // The page is full.
        }
    }

    // MARK: Showing

    /// The newest first.
    func newest(in table: String, after position: Int64, limit: Int) throws -> [DynamoDBItem] {
        var items: [DynamoDBItem] = []
        var bytes = 0
        try self.walk(
            Self.selectItem + " WHERE name = ? AND position > ? ORDER BY position DESC LIMIT ?",
            [.text(table), .integer(position), StoreValue(limit)]
        ) { item in
            bytes += item.bytes
            guard items.isEmpty || bytes <= DynamoDBLimits.maxShownBytes else { return false }
            items.append(item)
            return true
        }
        return items
    }

    func find(_ shown: String, in table: String) throws -> DynamoDBItem? {
        try self.connection.queryOne(
            Self.selectItem + " WHERE name = ? AND shown = ? ORDER BY position DESC LIMIT 1", [.text(table), .text(shown)]
        ).map(Self.item)
    }

    // MARK: Rows

    private static let selectTable =
        "SELECT name, id, hash_name, hash_type, range_name, range_type, settings, created_at, items, bytes, last FROM dynamodb_table"
    private static let selectItem = "SELECT position, at, bytes, shown, item FROM dynamodb_item"
    /// An item was checked when it came.
    private static let limits = JSONLimits(maxBytes: 16 << 20, maxDepth: 256)

    private static func table(_ row: StoreRow) throws -> DynamoDBTable {
        let range: DynamoDBKeySchema.Part? =
            if let name = try row.optionalText(4), let type = try row.optionalText(5) { .init(name: name, type: type) } else { nil }
        return DynamoDBTable(
            name: try row.text(0), id: try row.text(1),
            schema: DynamoDBKeySchema(hash: .init(name: try row.text(2), type: try row.text(3)), range: range),
            settings: try Self.object(try row.text(6)), createdAt: try row.integer(7), items: Int(try row.integer(8)),
            bytes: Int(try row.integer(9)), last: try row.integer(10))
    }

    private static func item(_ row: StoreRow) throws -> DynamoDBItem {
        DynamoDBItem(
            position: try row.integer(0), time: try row.integer(1), bytes: Int(try row.integer(2)), shown: try row.text(3),
            attributes: try Self.object(try row.text(4)))
    }

    private static func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: text, limits: Self.limits) else {
            throw StoreError.corrupt(path: "dynamodb", what: "a row holds no JSON object")
        }
        return object
    }
}
