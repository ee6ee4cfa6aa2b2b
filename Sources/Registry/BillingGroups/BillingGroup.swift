import AWSAPI
import Storage

/// A group by which the cost of things is told apart. A thing is in one at most.
struct BillingGroup: Sendable, Hashable {
    var name: String
    /// A UUID, given once.
    var id: String
    /// From 1, rising by one with each update.
    var version: Int64 = 1
    var description: String?
    /// Milliseconds since 1970.
    var createdAt: Int64
}

extension AccountContext {
    func billingGroupARN(_ name: String) -> String { self.arn(service: "iot", "billinggroup/\(name)") }
}

/// The queries on billing groups and the things in them. Each runs inside a transaction of the caller.
struct BillingGroupTable {
    static let tables = [
        """
        CREATE TABLE registry_billing_groups (
            name TEXT PRIMARY KEY, id TEXT NOT NULL, version BIGINT NOT NULL, description TEXT, created_ms BIGINT NOT NULL)
        """
    ]

    private static let columns = "name, id, version, description, created_ms"

    let connection: any StoreConnection

    func find(_ name: String) throws -> BillingGroup? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM registry_billing_groups WHERE name = ?", [.text(name)])
            .map(BillingGroup.init)
    }

    func count() throws -> Int64 {
        try self.connection.queryOne("SELECT COUNT(*) FROM registry_billing_groups")?.integer(0) ?? 0
    }

    /// The groups whose names begin with a prefix, after a name, by name.
    func page(after name: String?, prefix: String, count: Int) throws -> [BillingGroup] {
        try self.connection.query(
            "SELECT \(Self.columns) FROM registry_billing_groups WHERE name > ? AND name >= ? AND name < ? ORDER BY name LIMIT ?",
            // No text has a scalar after this one.
            [.text(name ?? ""), .text(prefix), .text(prefix + "\u{10FFFF}"), StoreValue(count)]
        ).map(BillingGroup.init)
    }

    func set(_ group: BillingGroup) throws {
        try self.connection.execute(
            """
            INSERT INTO registry_billing_groups (\(Self.columns)) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET version = excluded.version, description = excluded.description
            """,
            [
                .text(group.name), .text(group.id), .integer(group.version), StoreValue(group.description), .integer(group.createdAt),
            ])
    }

    /// The things in it are in none then.
    func delete(_ name: String) throws {
        try self.connection.execute("UPDATE registry_things SET billing_group = NULL WHERE billing_group = ?", [.text(name)])
        try self.connection.execute("DELETE FROM registry_billing_groups WHERE name = ?", [.text(name)])
    }

    /// Puts a thing into a group, or into none. Its version stays.
    func put(_ thing: Thing, into name: String?) throws {
        try self.connection.execute(
            "UPDATE registry_things SET billing_group = ? WHERE number = ?", [StoreValue(name), .integer(thing.number)])
    }

    /// The names of the things in a group after a name, by name.
    func things(in name: String, after thing: String?, count: Int) throws -> [String] {
        try self.connection.query(
            "SELECT name FROM registry_things WHERE billing_group = ? AND name > ? ORDER BY name LIMIT ?",
            [.text(name), .text(thing ?? ""), StoreValue(count)]
        ).map { try $0.text(0) }
    }
}

extension BillingGroup {
    fileprivate init(_ row: StoreRow) throws {
        self.init(
            name: try row.text(0), id: try row.text(1), version: try row.integer(2), description: try row.optionalText(3),
            createdAt: try row.integer(4))
    }
}

extension RegistryTransaction {
    var billingGroups: BillingGroupTable { BillingGroupTable(connection: self.connection) }
}
