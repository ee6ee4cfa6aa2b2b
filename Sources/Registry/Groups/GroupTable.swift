import JSON
import Storage

/// The queries on thing groups. Each runs inside a transaction of the caller.
struct GroupTable {
    static let tables = [
        """
        CREATE TABLE registry_groups (
            number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, id TEXT NOT NULL, version BIGINT NOT NULL,
            parent BIGINT, root BIGINT NOT NULL, depth BIGINT NOT NULL, description TEXT, attributes TEXT NOT NULL,
            created_ms BIGINT NOT NULL, query TEXT, query_version TEXT, index_name TEXT, status TEXT)
        """,
        "CREATE INDEX registry_groups_by_parent ON registry_groups (parent, name) WHERE parent IS NOT NULL",
        "CREATE INDEX registry_groups_by_root ON registry_groups (root, name)",
        "CREATE INDEX registry_groups_with_query ON registry_groups (number) WHERE query IS NOT NULL",
        "CREATE TABLE registry_group_members (group_number BIGINT NOT NULL, thing BIGINT NOT NULL, PRIMARY KEY (group_number, thing))",
        "CREATE INDEX registry_group_members_by_thing ON registry_group_members (thing, group_number)",
    ]

    static let columns =
        "number, name, id, version, parent, root, depth, description, attributes, created_ms, query, query_version, index_name, status"

    let connection: any StoreConnection

    func find(_ name: String) throws -> ThingGroup? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM registry_groups WHERE name = ?", [.text(name)]).map(ThingGroup.init)
    }

    func find(number: Int64) throws -> ThingGroup? {
        try self.connection.queryOne("SELECT \(Self.columns) FROM registry_groups WHERE number = ?", [.integer(number)])
            .map(ThingGroup.init)
    }

    /// The groups above one, the root first.
    func ancestors(of group: ThingGroup) throws -> [ThingGroup] {
        var result: [ThingGroup] = []
        var next = group.parent
        // A hierarchy cannot be deeper; the bound is against a damaged table.
        while let number = next, result.count < RegistryLimits.groupDepth, let parent = try self.find(number: number) {
            result.append(parent)
            next = parent.parent
        }
        return result.reversed()
    }

    func childCount(of number: Int64) throws -> Int64 {
        try self.connection.queryOne("SELECT COUNT(*) FROM registry_groups WHERE parent = ?", [.integer(number)])?.integer(0) ?? 0
    }

    /// - Returns: the number of the new row. A group without a parent is its own root.
    func insert(_ group: ThingGroup) throws -> Int64 {
        let number = (try self.connection.queryOne("SELECT MAX(number) FROM registry_groups")?.optionalInteger(0) ?? 0) + 1
        try self.connection.execute(
            "INSERT INTO registry_groups (\(Self.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .integer(number), .text(group.name), .text(group.id), .integer(group.version), StoreValue(group.parent),
                .integer(group.parent == nil ? number : group.root), .integer(group.depth), StoreValue(group.description),
                .text(group.attributesJSON.serialized()), .integer(group.createdAt),
            ] + Self.values(group.membershipQuery))
        return number
    }

    func update(_ group: ThingGroup) throws {
        try self.connection.execute(
            """
            UPDATE registry_groups SET version = ?, description = ?, attributes = ?, query = ?, query_version = ?, index_name = ?, status = ?
                WHERE number = ?
            """,
            [.integer(group.version), StoreValue(group.description), .text(group.attributesJSON.serialized())]
                + Self.values(group.membershipQuery) + [.integer(group.number)])
    }

    func delete(_ group: ThingGroup) throws {
        try self.connection.execute("DELETE FROM registry_groups WHERE number = ?", [.integer(group.number)])
    }

    private static func values(_ query: MembershipQuery?) -> [StoreValue] {
        [StoreValue(query?.text), StoreValue(query?.version), StoreValue(query?.indexName), StoreValue(query?.status.rawValue)]
    }
}

extension ThingGroup {
    /// - Parameter row: of `GroupTable.columns`.
    init(_ row: StoreRow) throws {
        guard case .object(let object)? = try? JSONValue(parsing: Array(try row.text(8).utf8)) else {
            throw StoreError.corrupt(path: nil, what: "the attributes of a thing group are no JSON object")
        }
        var attributes: [String: String] = [:]
        for (name, value) in object { attributes[name] = value.stringValue }
        var query: MembershipQuery?
        if let text = try row.optionalText(10) {
            guard let status = MembershipQuery.Status(rawValue: try row.text(13)) else {
                throw StoreError.corrupt(path: nil, what: "a thing group has the unknown status \"\(try row.text(13))\"")
            }
            query = MembershipQuery(text: text, version: try row.text(11), indexName: try row.text(12), status: status)
        }
        self.init(
            name: try row.text(1), id: try row.text(2), version: try row.integer(3), parent: try row.optionalInteger(4),
            root: try row.integer(5), depth: try row.integer(6), description: try row.optionalText(7), attributes: attributes,
            createdAt: try row.integer(9), membershipQuery: query, number: try row.integer(0))
    }
}
