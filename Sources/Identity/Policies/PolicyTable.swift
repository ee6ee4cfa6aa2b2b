import Storage

/// The queries on policies and their versions. Each runs inside a transaction of the caller.
struct PolicyTable {
    let connection: any StoreConnection

    func find(_ name: String) throws -> PolicyRecord? {
        try self.connection.queryOne("SELECT \(PolicyRecord.columns) FROM identity_policies WHERE name = ?", [.text(name)])
            .map(PolicyRecord.init)
    }

    func insert(_ policy: PolicyRecord) throws {
        try self.connection.execute(
            "INSERT INTO identity_policies (\(PolicyRecord.columns)) VALUES (?, ?, ?, ?, ?, ?)",
            [
                .text(policy.name), .text(policy.generationID), .integer(policy.defaultVersion), .integer(policy.nextVersion),
                .integer(policy.created.milliseconds), .integer(policy.modified.milliseconds),
            ])
    }

    func update(_ policy: PolicyRecord) throws {
        try self.connection.execute(
            "UPDATE identity_policies SET default_version = ?, next_version = ?, modified_ms = ? WHERE name = ?",
            [
                .integer(policy.defaultVersion), .integer(policy.nextVersion), .integer(policy.modified.milliseconds),
                .text(policy.name),
            ])
    }

    /// Removes the policy with its versions.
    func delete(_ name: String) throws {
        try self.connection.execute("DELETE FROM identity_policy_versions WHERE policy = ?", [.text(name)])
        try self.connection.execute("DELETE FROM identity_policies WHERE name = ?", [.text(name)])
    }

    /// The policies of a target, by name; never more than `IdentityLimits.policiesPerTarget`.
    func attached(to target: PolicyTarget) throws -> [PolicyRecord] {
        try self.connection.query(
            """
            SELECT name, generation_id, default_version, next_version, created_ms, modified_ms
                FROM identity_policy_attachments JOIN identity_policies ON name = policy WHERE target = ? ORDER BY name
            """, [.text(target.key)]
        ).map(PolicyRecord.init)
    }

    func page(_ page: AgePage) throws -> [PolicyRecord] {
        try self.connection.query(
            "SELECT \(PolicyRecord.columns) FROM identity_policies WHERE \(page.condition(key: "name"))", page.values
        ).map(PolicyRecord.init)
    }

    /// The versions, newest first; never more than `IdentityLimits.policyVersions`.
    func versions(of name: String) throws -> [PolicyVersionRecord] {
        try self.connection.query(
            "SELECT \(PolicyVersionRecord.columns) FROM identity_policy_versions WHERE policy = ? ORDER BY version DESC", [.text(name)]
        ).map(PolicyVersionRecord.init)
    }

    func version(_ version: Int64, of name: String) throws -> PolicyVersionRecord? {
        try self.connection.queryOne(
            "SELECT \(PolicyVersionRecord.columns) FROM identity_policy_versions WHERE policy = ? AND version = ?",
            [.text(name), .integer(version)]
        ).map(PolicyVersionRecord.init)
    }

    func insert(_ version: PolicyVersionRecord, of name: String) throws {
        try self.connection.execute(
            "INSERT INTO identity_policy_versions (policy, version, document, created_ms) VALUES (?, ?, ?, ?)",
            [.text(name), .integer(version.version), .text(version.document), .integer(version.created.milliseconds)])
    }

    func deleteVersion(_ version: Int64, of name: String) throws {
        try self.connection.execute(
            "DELETE FROM identity_policy_versions WHERE policy = ? AND version = ?", [.text(name), .integer(version)])
    }
}
