import Identity
import Storage

/// Whether other things may hold the same principal (`ThingPrincipalType` of the model).
enum ThingPrincipalKind: String, Sendable, Hashable {
    case exclusive = "EXCLUSIVE_THING"
    case nonExclusive = "NON_EXCLUSIVE_THING"
}

/// One thing holding one principal.
struct ThingPrincipal: Sendable, Hashable {
    var thing: String
    /// `PolicyTarget.key`.
    var principal: String
    var kind: ThingPrincipalKind

    init(_ row: StoreRow) throws {
        self.thing = try row.text(0)
        self.principal = try row.text(1)
        let word = try row.text(2)
        guard let kind = ThingPrincipalKind(rawValue: word) else {
            throw StoreError.corrupt(path: nil, what: "a thing's principal has the unknown kind \"\(word)\"")
        }
        self.kind = kind
    }
}

/// The queries on which thing holds which principal. Each runs inside a transaction of the caller.
struct ThingPrincipalTable {
    let connection: any StoreConnection

    /// Nil when the thing does not hold the principal.
    func kind(thing: String, principal: PolicyTarget) throws -> ThingPrincipalKind? {
        try self.connection.queryOne(
            "SELECT thing, principal, kind FROM registry_thing_principals WHERE thing = ? AND principal = ?",
            [.text(thing), .text(principal.key)]
        ).map(ThingPrincipal.init)?.kind
    }

    func set(_ kind: ThingPrincipalKind, thing: String, principal: PolicyTarget) throws {
        try self.connection.execute(
            """
            INSERT INTO registry_thing_principals (thing, principal, kind) VALUES (?, ?, ?)
                ON CONFLICT (thing, principal) DO UPDATE SET kind = excluded.kind
            """, [.text(thing), .text(principal.key), .text(kind.rawValue)])
    }

    /// False when the thing did not hold it.
    func delete(thing: String, principal: PolicyTarget) throws -> Bool {
        try self.connection.execute(
            "DELETE FROM registry_thing_principals WHERE thing = ? AND principal = ?", [.text(thing), .text(principal.key)]) > 0
    }

    /// The principals of a thing after `key`, in alphabetical order.
    func principals(of thing: String, after key: String?, count: Int, kind: ThingPrincipalKind? = nil) throws -> [ThingPrincipal] {
        try self.connection.query(
            """
            SELECT thing, principal, kind FROM registry_thing_principals
                WHERE thing = ? AND principal > ?\(kind == nil ? "" : " AND kind = ?") ORDER BY principal LIMIT ?
            """, Self.values(thing, key, kind, count)
        ).map(ThingPrincipal.init)
    }

    /// The things of a principal after `name`, in alphabetical order.
    func things(of principal: PolicyTarget, after name: String?, count: Int, kind: ThingPrincipalKind? = nil) throws -> [ThingPrincipal] {
        try self.connection.query(
            """
            SELECT thing, principal, kind FROM registry_thing_principals
                WHERE principal = ? AND thing > ?\(kind == nil ? "" : " AND kind = ?") ORDER BY thing LIMIT ?
            """, Self.values(principal.key, name, kind, count)
        ).map(ThingPrincipal.init)
    }

    private static func values(_ key: String, _ after: String?, _ kind: ThingPrincipalKind?, _ count: Int) -> [StoreValue] {
        [.text(key), .text(after ?? "")] + (kind.map { [.text($0.rawValue)] } ?? []) + [StoreValue(count)]
    }
}
