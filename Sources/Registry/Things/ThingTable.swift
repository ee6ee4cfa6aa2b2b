import JSON
import Storage

/// The queries on things. Each runs inside a transaction of the caller. What changes things is ``RegistryTransaction``, which keeps the
/// search index in step.
struct ThingTable {
    static let columns = "number, name, id, version, type, billing_group, attributes"

    let connection: any StoreConnection

    func find(_ name: String) throws -> Thing? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM registry_things WHERE name = ?", [.text(name)]).map(Thing.init)
    }

    func find(number: Int64) throws -> Thing? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM registry_things WHERE number = ?", [.integer(number)]).map(Thing.init)
    }

    func exists(_ name: String) throws -> Bool {
        try self.number(of: name) != nil
    }

    func number(of name: String) throws -> Int64? {
        try self.connection.queryOne("SELECT number FROM registry_things WHERE name = ?", [.text(name)])?.integer(0)
    }

    /// - Returns: the number of the new row.
    func insert(_ thing: Thing) throws -> Int64 {
        let number = (try self.connection.queryOne("SELECT MAX(number) FROM registry_things")?.optionalInteger(0) ?? 0) + 1
        try self.connection.execute(
            "INSERT INTO registry_things (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(number), .text(thing.name), .text(thing.id), .integer(thing.version), StoreValue(thing.typeName),
                StoreValue(thing.billingGroupName), .text(thing.attributesText),
            ])
        return number
    }

    func update(_ thing: Thing) throws {
        try self.connection.execute(
            "UPDATE registry_things SET version = ?, type = ?, billing_group = ?, attributes = ? WHERE number = ?",
            [
                .integer(thing.version), StoreValue(thing.typeName), StoreValue(thing.billingGroupName), .text(thing.attributesText),
                .integer(thing.number),
            ])
    }

    func delete(_ thing: Thing) throws {
        try self.connection.execute("DELETE FROM registry_things WHERE number = ?", [.integer(thing.number)])
    }
}

extension Thing {
    /// - Parameter row: of `ThingTable.columns`.
    init(_ row: StoreRow) throws {
        self.init(
            name: try row.text(1), id: try row.text(2), version: try row.integer(3), typeName: try row.optionalText(4),
            billingGroupName: try row.optionalText(5), attributes: try Self.attributes(row.text(6)), number: try row.integer(0))
    }

    private static func attributes(_ text: String) throws -> [String: String] {
        let object = try self.attributesObject(text)
        var result: [String: String] = [:]
        result.reserveCapacity(object.count)
        for (name, value) in object { result[name] = value.stringValue }
        return result
    }

    /// - Parameter text: of the column.
    static func attributesObject(_ text: String) throws -> JSONObject {
        guard case .object(let object)? = try? JSONValue(parsing: Array(text.utf8)) else {
            throw StoreError.corrupt(path: nil, what: "the attributes of a thing are no JSON object")
        }
        return object
    }

    fileprivate var attributesText: String { self.attributesJSON.serialized() }
}
