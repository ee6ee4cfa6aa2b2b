import AWSAPI
import Storage

/// A role of the embedded IAM: who may take it on, and what that allows.
struct Role: Sendable, Hashable {
    var name: String
    /// `AROA` and 16 of A–Z and 2–7.
    var id: String
    /// `/`, or between slashes.
    var path: String
    /// The policy that says who may assume it, as it was sent.
    var trust: String
    var description: String?
    /// Seconds.
    var maxDuration: Int64
    var created: Timestamp

    func arn(in account: AccountContext) -> String { account.iamARN("role\(self.path)\(self.name)") }

    /// The name in a role's ARN, which comes after its path; nil for one of another account.
    static func name(inARN arn: String, of account: AccountContext) -> String? {
        let prefix = account.iamARN("role/")
        guard arn.hasPrefix(prefix) else { return nil }
        return arn.dropFirst(prefix.count).split(separator: "/").last.map(String.init)
    }
}

/// A policy that roles can have in common.
struct ManagedPolicy: Sendable, Hashable {
    var name: String
    /// `ANPA` and 16 of A–Z and 2–7.
    var id: String
    var path: String
    var document: String
    var description: String?
    var created: Timestamp

    func arn(in account: AccountContext) -> String { account.iamARN("policy\(self.path)\(self.name)") }
}

/// The queries on roles and their policies. Each runs inside a transaction of the caller.
struct RoleTable {
    static let tables = [
        """
        CREATE TABLE identity_roles (
            name TEXT PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, trust TEXT NOT NULL, description TEXT,
            max_duration_s BIGINT NOT NULL, created_ms BIGINT NOT NULL)
        """,
        "CREATE TABLE identity_role_policies (role TEXT NOT NULL, name TEXT NOT NULL, document TEXT NOT NULL, PRIMARY KEY (role, name))",
        """
        CREATE TABLE identity_managed_policies (
            name TEXT PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL, document TEXT NOT NULL, description TEXT,
            created_ms BIGINT NOT NULL)
        """,
        "CREATE TABLE identity_role_attachments (role TEXT NOT NULL, policy TEXT NOT NULL, PRIMARY KEY (role, policy))",
        "CREATE INDEX identity_role_attachments_by_policy ON identity_role_attachments (policy, role)",
    ]

    private static let columns = "name, id, path, trust, description, max_duration_s, created_ms"
    private static let policyColumns = "name, id, path, document, description, created_ms"

    let connection: any StoreConnection

    // MARK: Roles

    func find(_ name: String) throws -> Role? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM identity_roles WHERE name = ?", [.text(name)]).map(Role.init)
    }

    func count() throws -> Int64 { try self.connection.queryOne("SELECT COUNT(*) FROM identity_roles")?.integer(0) ?? 0 }

    func page(after name: String?, prefix: String, count: Int) throws -> [Role] {
        try self.connection.query(
            "SELECT \(Self.columns) FROM identity_roles WHERE name > ? AND substr(path, 1, ?) = ? ORDER BY name LIMIT ?",
            [.text(name ?? ""), StoreValue(prefix.unicodeScalars.count), .text(prefix), StoreValue(count)]
        ).map(Role.init)
    }

    func set(_ role: Role) throws {
        try self.connection.execute(
            """
            INSERT INTO identity_roles (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET
                trust = excluded.trust, description = excluded.description, max_duration_s = excluded.max_duration_s
            """,
            [
                .text(role.name), .text(role.id), .text(role.path), .text(role.trust), StoreValue(role.description),
                .integer(role.maxDuration), .integer(role.created.milliseconds),
            ])
    }

    func delete(_ name: String) throws {
        try self.connection.execute("DELETE FROM identity_roles WHERE name = ?", [.text(name)])
    }

    // MARK: Policies of a role

    func inlinePolicies(of role: String) throws -> [(name: String, document: String)] {
        try self.connection.query("SELECT name, document FROM identity_role_policies WHERE role = ? ORDER BY name", [.text(role)])
            .map { (try $0.text(0), try $0.text(1)) }
    }

    func setInline(_ name: String, _ document: String, of role: String) throws {
        try self.connection.execute(
            """
            INSERT INTO identity_role_policies (role, name, document) VALUES (?, ?, ?)
                ON CONFLICT (role, name) DO UPDATE SET document = excluded.document
            """, [.text(role), .text(name), .text(document)])
    }

    /// False when there was none.
    func deleteInline(_ name: String, of role: String) throws -> Bool {
        try self.connection.execute("DELETE FROM identity_role_policies WHERE role = ? AND name = ?", [.text(role), .text(name)]) > 0
    }

    func attachedPolicies(of role: String) throws -> [ManagedPolicy] {
        try self.connection.query(
            """
            SELECT \(Self.policyColumns) FROM identity_managed_policies
                WHERE name IN (SELECT policy FROM identity_role_attachments WHERE role = ?) ORDER BY name
            """, [.text(role)]
        ).map(ManagedPolicy.init)
    }

    func attach(_ policy: String, to role: String) throws {
        try self.connection.execute(
            "INSERT INTO identity_role_attachments (role, policy) VALUES (?, ?) ON CONFLICT (role, policy) DO NOTHING",
            [.text(role), .text(policy)])
    }

    /// False when it was not attached.
    func detach(_ policy: String, from role: String) throws -> Bool {
        try self.connection.execute("DELETE FROM identity_role_attachments WHERE role = ? AND policy = ?", [.text(role), .text(policy)]) > 0
    }

    // MARK: Managed policies

    func findPolicy(_ name: String) throws -> ManagedPolicy? {
        try self.connection.queryOne("SELECT \(Self.policyColumns) FROM identity_managed_policies WHERE name = ?", [.text(name)])
            .map(ManagedPolicy.init)
    }

    func policyCount() throws -> Int64 {
        try self.connection.queryOne("SELECT COUNT(*) FROM identity_managed_policies")?.integer(0) ?? 0
    }

    func attachmentCount(of policy: String) throws -> Int64 {
        try self.connection.queryOne("SELECT COUNT(*) FROM identity_role_attachments WHERE policy = ?", [.text(policy)])?.integer(0) ?? 0
    }

    func insert(_ policy: ManagedPolicy) throws {
        try self.connection.execute(
            "INSERT INTO identity_managed_policies (\(Self.policyColumns)) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(policy.name), .text(policy.id), .text(policy.path), .text(policy.document), StoreValue(policy.description),
                .integer(policy.created.milliseconds),
            ])
    }

    func deletePolicy(_ name: String) throws {
        try self.connection.execute("DELETE FROM identity_managed_policies WHERE name = ?", [.text(name)])
    }
}

extension Role {
    fileprivate init(_ row: StoreRow) throws {
        self.init(
            name: try row.text(0), id: try row.text(1), path: try row.text(2), trust: try row.text(3), description: try row.optionalText(4),
            maxDuration: try row.integer(5), created: Timestamp(milliseconds: try row.integer(6)))
    }
}

extension ManagedPolicy {
    fileprivate init(_ row: StoreRow) throws {
        self.init(
            name: try row.text(0), id: try row.text(1), path: try row.text(2), document: try row.text(3),
            description: try row.optionalText(4), created: Timestamp(milliseconds: try row.integer(5)))
    }
}
