import AWSAPI
import Storage

/// A name under which devices get temporary credentials of a role (AWS IoT Core Developer Guide, authorizing direct calls to AWS services).
struct RoleAlias: Sendable, Hashable {
    var name: String
    var roleARN: String
    /// Seconds.
    var duration: Int64
    var created: Timestamp
    var modified: Timestamp
}

/// The queries on role aliases. Each runs inside a transaction of the caller.
struct RoleAliasTable {
    static let tables = [
        """
        CREATE TABLE identity_role_aliases (
            name TEXT PRIMARY KEY, role_arn TEXT NOT NULL, duration_s BIGINT NOT NULL, created_ms BIGINT NOT NULL,
            modified_ms BIGINT NOT NULL)
        """
    ]

    let connection: any StoreConnection

    func find(_ name: String) throws -> RoleAlias? {
        try self.connection.queryOne(
            "SELECT name, role_arn, duration_s, created_ms, modified_ms FROM identity_role_aliases WHERE name = ?", [.text(name)]
        ).map { row in
            RoleAlias(
                name: try row.text(0), roleARN: try row.text(1), duration: try row.integer(2),
                created: Timestamp(milliseconds: try row.integer(3)), modified: Timestamp(milliseconds: try row.integer(4)))
        }
    }

    /// The alias with this name, or AWS's error.
    func required(_ name: String) throws -> RoleAlias {
        guard let alias = try self.find(name) else { throw AWSError.resourceNotFound("The role alias \(name) does not exist") }
        return alias
    }

    func count() throws -> Int64 {
        try self.connection.queryOne("SELECT COUNT(*) FROM identity_role_aliases")?.integer(0) ?? 0
    }

    /// All names in alphabetical order: there are never more than `IdentityLimits.roleAliases`.
    func names() throws -> [String] {
        try self.connection.query("SELECT name FROM identity_role_aliases ORDER BY name").map { try $0.text(0) }
    }

    func set(_ alias: RoleAlias) throws {
        try self.connection.execute(
            """
            INSERT INTO identity_role_aliases (name, role_arn, duration_s, created_ms, modified_ms) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE SET
                    role_arn = excluded.role_arn, duration_s = excluded.duration_s, modified_ms = excluded.modified_ms
            """,
            [
                .text(alias.name), .text(alias.roleARN), .integer(alias.duration), .integer(alias.created.milliseconds),
                .integer(alias.modified.milliseconds),
            ])
    }

    func delete(_ name: String) throws {
        try self.connection.execute("DELETE FROM identity_role_aliases WHERE name = ?", [.text(name)])
    }
}

extension AccountContext {
    func roleAliasARN(_ name: String) -> String { self.arn(service: "iot", "rolealias/\(name)") }

    /// IAM is global: its ARNs have no region.
    func iamARN(_ resource: String) -> String { "arn:\(self.partition):iam::\(self.account):\(resource)" }
}
