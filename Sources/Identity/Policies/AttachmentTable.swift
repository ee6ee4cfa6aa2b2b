import Storage

/// The queries on which policy is attached to what. Each runs inside a transaction of the caller.
struct AttachmentTable {
    let connection: any StoreConnection

    func exists(policy: String, target: PolicyTarget) throws -> Bool {
        try self.connection.queryOne(
            "SELECT 1 FROM identity_policy_attachments WHERE target = ? AND policy = ?", [.text(target.key), .text(policy)]) != nil
    }

    func count(target: PolicyTarget) throws -> Int64 {
        try self.connection.queryOne(
            "SELECT COUNT(*) FROM identity_policy_attachments WHERE target = ?", [.text(target.key)])?.integer(0) ?? 0
    }

    func insert(policy: String, target: PolicyTarget) throws {
        try self.connection.execute(
            "INSERT INTO identity_policy_attachments (target, policy) VALUES (?, ?)", [.text(target.key), .text(policy)])
    }

    /// False when it was not attached.
    func delete(policy: String, target: PolicyTarget) throws -> Bool {
        try self.connection.execute(
            "DELETE FROM identity_policy_attachments WHERE target = ? AND policy = ?", [.text(target.key), .text(policy)]) > 0
    }

    func deleteAll(target: PolicyTarget) throws {
        try self.connection.execute("DELETE FROM identity_policy_attachments WHERE target = ?", [.text(target.key)])
    }

    /// The names of the policies of a target, in alphabetical order.
    func policies(target: PolicyTarget, after name: String?, count: Int, ascending: Bool = true) throws -> [String] {
        try self.connection.query(
            """
            SELECT policy FROM identity_policy_attachments WHERE target = ?\(Self.position("policy", after: name, ascending)) LIMIT ?
            """,
            [.text(target.key)] + (name.map { [.text($0)] } ?? []) + [StoreValue(count)]
        ).map { try $0.text(0) }
    }

    /// The keys of the targets of a policy, in alphabetical order.
    func targets(policy: String, after key: String?, count: Int, ascending: Bool = true) throws -> [String] {
        try self.connection.query(
            """
            SELECT target FROM identity_policy_attachments WHERE policy = ?\(Self.position("target", after: key, ascending)) LIMIT ?
            """,
            [.text(policy)] + (key.map { [.text($0)] } ?? []) + [StoreValue(count)]
        ).map { try $0.text(0) }
    }

    private static func position(_ column: String, after: String?, _ ascending: Bool) -> String {
        let condition = after == nil ? "" : " AND \(column) \(ascending ? ">" : "<") ?"
        return "\(condition) ORDER BY \(column) \(ascending ? "ASC" : "DESC")"
    }
}
