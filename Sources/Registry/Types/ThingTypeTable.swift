import JSON
import Storage

/// The queries on thing types. Each runs inside a transaction of the caller.
struct ThingTypeTable {
    static let tables = [
        """
        CREATE TABLE registry_thing_types (
            name TEXT PRIMARY KEY, id TEXT NOT NULL, description TEXT, searchable TEXT, created_ms BIGINT NOT NULL, deprecated_ms BIGINT)
        """
    ]
    static let propagation = ["ALTER TABLE registry_thing_types ADD COLUMN propagating TEXT"]

    private static let columns = "name, id, description, searchable, created_ms, deprecated_ms, propagating"

    let connection: any StoreConnection

    func find(_ name: String) throws -> ThingType? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM registry_thing_types WHERE name = ?", [.text(name)]).map(Self.type)
    }

    /// The types after a name, by name.
    func page(after name: String?, count: Int) throws -> [ThingType] {
        try self.connection.query(
            "SELECT \(Self.columns) FROM registry_thing_types WHERE name > ? ORDER BY name LIMIT ?", [.text(name ?? ""), StoreValue(count)]
        ).map(Self.type)
    }

    func hasThings(_ name: String) throws -> Bool {
        try self.connection.queryOne("SELECT 1 FROM registry_things WHERE type = ? LIMIT 1", [.text(name)]) != nil
    }

    func set(_ type: ThingType) throws {
        try self.connection.execute(
            """
            INSERT INTO registry_thing_types (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
                description = excluded.description, searchable = excluded.searchable, deprecated_ms = excluded.deprecated_ms,
                propagating = excluded.propagating
            """,
            [
                .text(type.name), .text(type.id), StoreValue(type.description),
                StoreValue(type.searchableAttributes.map { JSONValue.array($0.map(JSONValue.string)).serialized() }),
                .integer(type.createdAt), StoreValue(type.deprecatedAt),
                StoreValue(type.propagatingAttributes.map { JSONValue.array($0.map(\.json)).serialized() }),
            ])
    }

    func delete(_ name: String) throws {
        try self.connection.execute("DELETE FROM registry_thing_types WHERE name = ?", [.text(name)])
    }

    private static func type(_ row: StoreRow) throws -> ThingType {
        ThingType(
            name: try row.text(0), id: try row.text(1), description: try row.optionalText(2),
            searchableAttributes: try Self.list(row.optionalText(3), "searchable")?.compactMap(\.stringValue),
            propagatingAttributes: try Self.list(row.optionalText(6), "propagating")?.map(PropagatingAttribute.init),
            createdAt: try row.integer(4), deprecatedAt: try row.optionalInteger(5))
    }

    private static func list(_ text: String?, _ kind: String) throws -> [JSONValue]? {
        guard let text else { return nil }
        guard case .array(let items)? = try? JSONValue(parsing: Array(text.utf8)) else {
            throw StoreError.corrupt(path: nil, what: "the \(kind) attributes of a thing type are no JSON array")
        }
        return items
    }
}
