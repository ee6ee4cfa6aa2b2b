import JSON
import Storage

/// As the database keeps it.
extension FunctionRecord {
    var definition: JSONObject {
        var object: JSONObject = [
            "runtime": .string(self.runtime.rawValue), "handler": .string(self.handler), "role": .string(self.role),
            "description": .string(self.description), "timeout": .int(Int64(self.timeoutSeconds)),
            "memory": .int(Int64(self.memoryMegabytes)), "environment": .object(Self.object(self.environment)),
            "code": .string(self.codeID), "sha256": .string(self.codeSHA256), "size": .int(Int64(self.codeSize)),
            "revision": .string(self.revisionID), "modified": .int(self.lastModified), "tags": .object(Self.object(self.tags)),
            "policy": .array(self.policy.statements.map { .object($0.row) }),
        ]
        if let reserved = self.reservedConcurrency { object["reserved"] = .int(Int64(reserved)) }
        return object
    }

    init(name: String, definition: JSONObject) throws {
        func text(_ key: String) throws -> String {
            guard let text = definition[key]?.stringValue else { throw Self.damaged(name, key) }
            return text
        }
        func number(_ key: String) throws -> Int64 {
            guard let number = definition[key]?.intValue else { throw Self.damaged(name, key) }
            return number
        }
        guard let runtime = FunctionRuntime(rawValue: try text("runtime")) else { throw Self.damaged(name, "runtime") }
        self.init(
            name: name, runtime: runtime, handler: try text("handler"), role: try text("role"), codeID: try text("code"),
            codeSHA256: try text("sha256"), codeSize: Int(try number("size")), revisionID: try text("revision"),
            lastModified: try number("modified"))
        self.description = try text("description")
        self.timeoutSeconds = Int(try number("timeout"))
        self.memoryMegabytes = Int(try number("memory"))
        self.environment = Self.map(definition["environment"])
        self.tags = Self.map(definition["tags"])
        self.reservedConcurrency = definition["reserved"]?.intValue.map { Int($0) }
        self.policy = ResourcePolicy(statements: try (definition["policy"]?.arrayValue ?? []).map { try ResourcePolicy.Statement(row: $0) })
    }

    private static func map(_ value: JSONValue?) -> [String: String] {
        var map: [String: String] = [:]
        for (key, value) in value?.objectValue ?? [:] { map[key] = value.stringValue }
        return map
    }

    private static func damaged(_ name: String, _ key: String) -> StoreError {
        .corrupt(path: "functions", what: "the function \(name) has no \(key)")
    }
}

/// The queries on `functions`, inside one transaction.
struct FunctionTable {
    let connection: any StoreConnection

    func find(_ name: String) throws -> FunctionRecord? {
        try self.connection.queryOne("SELECT name, definition FROM functions WHERE name = ?", [.text(name)]).map(Self.record)
    }

    /// In the order of their names.
    func page(after name: String, limit: Int) throws -> [FunctionRecord] {
        try self.connection.query(
            "SELECT name, definition FROM functions WHERE name > ? ORDER BY name LIMIT ?", [.text(name), .integer(Int64(limit))]
        ).map(Self.record)
    }

    func count() throws -> Int { Int(try self.connection.queryOne("SELECT COUNT(*) FROM functions")?.integer(0) ?? 0) }

    func put(_ record: FunctionRecord) throws {
        try self.connection.execute(
            "INSERT INTO functions (name, definition) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET definition = excluded.definition",
            [.text(record.name), .text(JSONValue.object(record.definition).serialized())])
    }

    /// With its events.
    ///
    /// - Returns: what it was; nil when there was none.
    func delete(_ name: String) throws -> FunctionRecord? {
        guard let record = try self.find(name) else { return nil }
        try self.connection.execute("DELETE FROM function_event WHERE function = ?", [.text(name)])
        try self.connection.execute("DELETE FROM functions WHERE name = ?", [.text(name)])
        return record
    }

    /// The codes that functions name.
    func codes() throws -> Set<String> {
        Set(try self.connection.query("SELECT name, definition FROM functions").map { try Self.record($0).codeID })
    }

    private static func record(_ row: StoreRow) throws -> FunctionRecord {
        guard case .object(let definition) = try JSONValue(parsing: try row.text(1)) else {
            throw StoreError.corrupt(path: "functions", what: "the function \(try row.text(0)) is no JSON object")
        }
        return try FunctionRecord(name: try row.text(0), definition: definition)
    }
}
