import JSON
import Storage

/// What another room says of a thing, as the index keeps it beside the thing's own row.
enum IndexPart: Sendable, Hashable {
    /// The classic shadow.
    case shadow
    case namedShadow(String)
    case connectivity

    private static let namedPrefix = "shadow.name."

    /// How the table names it, and how paths of its fields begin.
    var key: String {
        switch self {
        case .shadow: "shadow"
        case .namedShadow(let name): Self.namedPrefix + name
        case .connectivity: "connectivity"
        }
    }

    init?(key: String) {
        switch key {
        case "shadow": self = .shadow
        case "connectivity": self = .connectivity
        default:
            guard key.hasPrefix(Self.namedPrefix) else { return nil }
            self = .namedShadow(String(key.dropFirst(Self.namedPrefix.count)))
        }
    }

    var isShadow: Bool { self != .connectivity }

    /// The values of a part by the paths of the query language.
    func fields(of body: JSONObject) -> [String: [IndexValue]] {
        var flattening = Flattening()
        switch self {
        case .connectivity:
            for name in ["connected", "timestamp", "disconnectReason"] {
                if let value = body[name] { flattening.add(value, at: "\(self.key).\(name)") }
            }
        case .shadow, .namedShadow:
            for name in ["desired", "reported", "delta", "metadata", "hasDelta", "version"] {
                if let value = body[name] { flattening.add(value, at: "\(self.key).\(name)") }
            }
        }
        return flattening.fields
    }
}

/// Turns a document into fields (AWS IoT Developer Guide, fleet indexing): names of nested objects are joined by dots; arrays of scalars
/// are the values of one field, those with objects are left out; so is null.
struct Flattening {
    /// Fields of one part that are indexed; what a document has beyond is not found by queries.
    static let maxFields = 1_000

    private(set) var fields: [String: [IndexValue]] = [:]

    /// Recurses once for each level, which the shadow service bounds.
    mutating func add(_ value: JSONValue, at path: String) {
        switch value {
        case .object(let object):
            for (name, value) in object { self.add(value, at: "\(path).\(name)") }
        case .array(let elements):
            let values = elements.map(Self.scalar)
            guard !values.contains(nil) else { return }
            self.insert(values.compactMap(\.self), at: path)
        default:
            if let value = Self.scalar(value) { self.insert([value], at: path) }
        }
    }

    private mutating func insert(_ values: [IndexValue], at path: String) {
        guard !values.isEmpty, self.fields[path] != nil || self.fields.count < Self.maxFields else { return }
        self.fields[path, default: []] += values
    }

    private static func scalar(_ value: JSONValue) -> IndexValue? {
        switch value {
        case .string(let text): .text(text)
        case .bool(let bool): .bool(bool)
        case .null, .object, .array: nil
        default: value.doubleValue.map(IndexValue.number)
        }
    }
}

/// The queries on parts. Each runs inside a transaction of the caller.
struct IndexPartTable {
    static let tables = [
        "CREATE TABLE registry_index_parts (item BIGINT NOT NULL, part TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (item, part))",
        // Shadows that changed, and things that came, whose parts have to be read anew; shadow is empty for the classic one.
        "CREATE TABLE registry_index_changes (thing TEXT NOT NULL, shadow TEXT NOT NULL, PRIMARY KEY (thing, shadow))",
    ]

    let connection: any StoreConnection

    func parts(of item: Int64) throws -> [IndexPart: JSONObject] {
        var result: [IndexPart: JSONObject] = [:]
        for row in try self.connection.query("SELECT part, body FROM registry_index_parts WHERE item = ?", [.integer(item)]) {
            guard let part = IndexPart(key: try row.text(0)) else { continue }
            result[part] = try Self.object(row.text(1))
        }
        return result
    }

    func find(_ part: IndexPart, of item: Int64) throws -> JSONObject? {
        try self.connection.queryOne(
            "SELECT body FROM registry_index_parts WHERE item = ? AND part = ?", [.integer(item), .text(part.key)]
        ).map { try Self.object($0.text(0)) }
    }

    func set(_ part: IndexPart, of item: Int64, to body: JSONObject?) throws {
        guard let body else {
            try self.connection.execute(
                "DELETE FROM registry_index_parts WHERE item = ? AND part = ?", [.integer(item), .text(part.key)])
            return
        }
        try self.connection.execute(
            """
            INSERT INTO registry_index_parts (item, part, body) VALUES (?, ?, ?) ON CONFLICT (item, part) DO UPDATE SET body = excluded.body
            """, [.integer(item), .text(part.key), .text(JSONValue.object(body).serialized())])
    }

    private static func object(_ text: String) throws -> JSONObject {
        // What was written by this server parses, whatever its depth.
        let limits = JSONLimits(maxBytes: 16 << 20, maxDepth: JSONLimits.deepestNesting)
        guard case .object(let object)? = try? JSONValue(parsing: Array(text.utf8), limits: limits) else {
            throw StoreError.corrupt(path: nil, what: "a part of the search index is no JSON object")
        }
        return object
    }
}

extension RegistryTransaction {
    var parts: IndexPartTable { IndexPartTable(connection: self.connection) }

    /// Puts a part of a thing into the index in the place of what was there; nil takes it out.
    func setPart(_ part: IndexPart, of item: Int64, to body: JSONObject?) throws {
        let old = try self.parts.find(part, of: item)
        guard old != body else { return }
        let before = old.map(part.fields) ?? [:]
        let after = body.map(part.fields) ?? [:]
        for path in Set(before.keys).union(after.keys) {
            try self.terms.replace(
                Set((before[path] ?? []).flatMap(\.terms)), by: Set((after[path] ?? []).flatMap(\.terms)),
                IndexField(domain: .things, path: path), of: item)
        }
        try self.parts.set(part, of: item, to: body)
        self.touch(item)
    }
}
