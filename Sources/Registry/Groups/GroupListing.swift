import Storage

/// Pages of groups, and of the things in a group and the groups below it.
struct GroupListing {
    private static let batch = 256

    let connection: any StoreConnection

    private var groups: GroupTable { GroupTable(connection: self.connection) }
    private var members: MemberTable { MemberTable(connection: self.connection) }

    /// What ListThingGroups looks for.
    struct Filter: Sendable {
        var parent: ThingGroup?
        var prefix: String
        /// Whether groups further down count too.
        var isRecursive: Bool
    }

    /// At most `count` groups after a name, by name.
    func page(after name: String?, count: Int, matching filter: Filter) throws -> [ThingGroup] {
        var result: [ThingGroup] = []
        // A name itself comes before all that it begins.
        var position = max(name ?? "", filter.prefix)
        var isIncluded = name.map { $0 < filter.prefix } ?? true
        while result.count < count {
            let rows = try self.rows(from: position, isIncluded: isIncluded, filter)
            for group in rows where result.count < count {
                guard group.name.utf8.starts(with: filter.prefix.utf8) else { return result }
                if try self.matches(group, filter) { result.append(group) }
            }
            guard rows.count == Self.batch, let last = rows.last else { break }
            position = last.name
            isIncluded = false
        }
        return result
    }

    private func rows(from name: String, isIncluded: Bool, _ filter: Filter) throws -> [ThingGroup] {
        let condition = isIncluded ? "name >= ?" : "name > ?"
        let end = "ORDER BY name LIMIT \(Self.batch)"
        guard let parent = filter.parent else {
            return try self.connection.query(
                "SELECT \(GroupTable.columns) FROM registry_groups WHERE \(condition) \(end)", [.text(name)]
            ).map(ThingGroup.init)
        }
        let column = filter.isRecursive ? "root" : "parent"
        return try self.connection.query(
            "SELECT \(GroupTable.columns) FROM registry_groups WHERE \(column) = ? AND \(condition) \(end)",
            [.integer(filter.isRecursive ? parent.root : parent.number), .text(name)]
        ).map(ThingGroup.init)
    }

    private func matches(_ group: ThingGroup, _ filter: Filter) throws -> Bool {
        guard let parent = filter.parent else { return filter.isRecursive || group.parent == nil }
        return try !filter.isRecursive || self.isBelow(group, parent)
    }

    private func isBelow(_ group: ThingGroup, _ top: ThingGroup) throws -> Bool {
        guard group.number != top.number, group.depth > top.depth else { return false }
        return try group.parent == top.number || self.groups.ancestors(of: group).contains { $0.number == top.number }
    }

    /// Where a page of ListThingsInThingGroup ends: groups come by number, and the things of each by number.
    struct MemberPosition: Sendable {
        var group: Int64 = 0
        var thing: Int64 = 0

        var text: String { "\(self.group) \(self.thing)" }

        init() {}

        init(group: Int64, thing: Int64) {
            self.group = group
            self.thing = thing
        }

        init?(_ text: String) {
            let parts = text.split(separator: " ").compactMap { Int64($0) }
            guard parts.count == 2 else { return nil }
            self.init(group: parts[0], thing: parts[1])
        }
    }

    /// At most `count` members of a group after a position. A thing is in one group of a hierarchy, so none comes twice.
    func things(
        in group: ThingGroup, isRecursive: Bool, after position: MemberPosition, count: Int
    ) throws -> [(name: String, position: MemberPosition)] {
        guard isRecursive else { return try self.things(of: group.number, after: position.thing, count: count) }
        var result: [(name: String, position: MemberPosition)] = []
        var next = position.group
        var thing = position.thing
        while result.count < count {
            let rows = try self.connection.query(
                "SELECT \(GroupTable.columns) FROM registry_groups WHERE root = ? AND number >= ? ORDER BY number LIMIT \(Self.batch)",
                [.integer(group.root), .integer(next)]
            ).map(ThingGroup.init)
            for member in rows where result.count < count {
                if try member.number == group.number || self.isBelow(member, group) {
                    result += try self.things(
                        of: member.number, after: member.number == position.group ? thing : 0, count: count - result.count)
                }
            }
            guard rows.count == Self.batch, let last = rows.last else { break }
            next = last.number + 1
            thing = 0
        }
        return result
    }

    private func things(of group: Int64, after thing: Int64, count: Int) throws -> [(name: String, position: MemberPosition)] {
        try self.members.things(of: group, after: thing, limit: count).map {
            ($0.name, MemberPosition(group: group, thing: $0.number))
        }
    }
}
