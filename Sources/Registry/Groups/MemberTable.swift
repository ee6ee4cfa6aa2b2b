import Storage

/// The queries on which thing is in which group. Each runs inside a transaction of the caller.
struct MemberTable {
    /// Members read at a time.
    static let batch = 1_000

    let connection: any StoreConnection

    func contains(group: Int64, thing: Int64) throws -> Bool {
        try self.connection.queryOne(
            "SELECT 1 FROM registry_group_members WHERE group_number = ? AND thing = ?", [.integer(group), .integer(thing)]) != nil
    }

    func insert(group: Int64, thing: Int64) throws {
        try self.connection.execute(
            "INSERT INTO registry_group_members (group_number, thing) VALUES (?, ?)", [.integer(group), .integer(thing)])
    }

    func delete(group: Int64, thing: Int64) throws {
        try self.connection.execute(
            "DELETE FROM registry_group_members WHERE group_number = ? AND thing = ?", [.integer(group), .integer(thing)])
    }

    /// The groups that a thing is in itself, by name: never more than `RegistryLimits.groupsPerThing`.
    func groups(of thing: Int64) throws -> [ThingGroup] {
        try self.connection.query(
            """
            SELECT \(GroupTable.columns) FROM registry_groups
                WHERE number IN (SELECT group_number FROM registry_group_members WHERE thing = ?) ORDER BY name
            """, [.integer(thing)]
        ).map(ThingGroup.init)
    }

    /// Their names only, by name.
    func groupNames(of thing: Int64) throws -> [String] {
        try self.connection.query(
            """
            SELECT g.name FROM registry_group_members AS m JOIN registry_groups AS g ON g.number = m.group_number
                WHERE m.thing = ? ORDER BY g.name
            """, [.integer(thing)]
        ).map { try $0.text(0) }
    }

    /// Numbers and names of the members of a group after a thing's number, in order.
    func things(of group: Int64, after thing: Int64, limit: Int) throws -> [(number: Int64, name: String)] {
        try self.connection.query(
            """
            SELECT t.number, t.name FROM registry_group_members AS m JOIN registry_things AS t ON t.number = m.thing
                WHERE m.group_number = ? AND m.thing > ? ORDER BY m.thing LIMIT ?
            """, [.integer(group), .integer(thing), StoreValue(limit)]
        ).map { (try $0.integer(0), try $0.text(1)) }
    }
}
