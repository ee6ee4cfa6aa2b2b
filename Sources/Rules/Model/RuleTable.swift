import JSON
import Storage

/// A rule as its row has it.
struct RuleRecord: Sendable {
    let name: String
    var payload: JSONObject
    /// Seconds since 1970.
    let createdAt: Int64
}

/// The queries on `rules`, inside one transaction.
struct RuleTable {
    let connection: any StoreConnection

    func find(_ name: String) throws -> RuleRecord? {
        try self.connection.queryOne("SELECT name, definition, created_at FROM rules WHERE name = ?", [.text(name)]).map(Self.record)
    }

    /// All rules, by name: there are at most `RulesLimits.maxRules`.
    func all() throws -> [RuleRecord] {
        try self.connection.query("SELECT name, definition, created_at FROM rules ORDER BY name").map(Self.record)
    }

    func count() throws -> Int {
        Int(try self.connection.queryOne("SELECT COUNT(*) FROM rules")?.integer(0) ?? 0)
    }

    func insert(_ rule: RuleRecord) throws {
        try self.connection.execute(
            "INSERT INTO rules (name, definition, created_at) VALUES (?, ?, ?)",
            [.text(rule.name), .text(JSONValue.object(rule.payload).serialized()), .integer(rule.createdAt)])
    }

    /// Returns false when there is no such rule.
    func update(_ name: String, payload: JSONObject) throws -> Bool {
        try self.connection.execute(
            "UPDATE rules SET definition = ? WHERE name = ?", [.text(JSONValue.object(payload).serialized()), .text(name)]) > 0
    }

    /// Returns false when there was no such rule.
    func delete(_ name: String) throws -> Bool {
        try self.connection.execute("DELETE FROM rules WHERE name = ?", [.text(name)]) > 0
    }

    private static func record(_ row: StoreRow) throws -> RuleRecord {
        let text = try row.text(1)
        guard case .object(let payload) = try JSONValue(parsing: text) else {
            throw StoreError.corrupt(path: "rules", what: "the definition of the rule \(try row.text(0)) is no JSON object")
        }
        return RuleRecord(name: try row.text(0), payload: payload, createdAt: try row.integer(2))
    }
}
