import AWSAPI
import Identity
import Storage

extension RegistryTransaction {
    var groups: GroupTable { GroupTable(connection: self.connection) }
    var members: MemberTable { MemberTable(connection: self.connection) }

    // MARK: Groups

    /// Adds a group and returns it with its number.
    func insert(_ candidate: ThingGroup, below parent: ThingGroup?) throws -> ThingGroup {
        var group = candidate
        group.number = try self.groups.insert(group)
        if parent == nil { group.root = group.number }
        try self.index(from: nil, to: group)
        self.announce(.thingGroup) { .group(.created, group, self.chain(of: group), self.account) }
        if let parent { self.announce(.thingGroupHierarchy) { .hierarchy(added: true, parent: parent, child: group) } }
        return group
    }

    /// Changes a group's row. The caller has raised the version.
    func update(_ old: ThingGroup, to new: ThingGroup) throws {
        try self.groups.update(new)
        try self.index(from: old, to: new)
        self.announce(.thingGroup) { .group(.updated, new, self.chain(of: new), self.account) }
    }

    /// Removes a group without children; its members leave it, and what is attached to it goes.
    func delete(_ group: ThingGroup) throws {
        let chain = try self.groups.ancestors(of: group)
        while true {
            let things = try self.members.things(of: group.number, after: 0, limit: MemberTable.batch)
            if things.isEmpty { break }
            for thing in things {
                if let thing = try self.things.find(number: thing.number) { try self.removeMember(thing, from: group) }
            }
        }
        try self.groups.delete(group)
        try self.index(from: group, to: nil)
        let target = PolicyTarget.thingGroup(group.name)
        try IdentityService.forget(target, in: self.connection)
        self.affect(.principal(target))
        if let parent = chain.last { self.announce(.thingGroupHierarchy) { .hierarchy(added: false, parent: parent, child: group) } }
        self.announce(.thingGroup) { .group(.deleted, group, chain, self.account) }
    }

    /// For an event only: its groups were found a moment ago.
    private func chain(of group: ThingGroup) -> [ThingGroup] {
        (try? self.groups.ancestors(of: group)) ?? []
    }

    private func index(from old: ThingGroup?, to new: ThingGroup?) throws {
        guard let group = new ?? old else { return }
        func field(_ path: String) -> IndexField { IndexField(domain: .thingGroups, path: path) }
        try self.terms.replace(old?.name, by: new?.name, field("thingGroupName"), of: group.number)
        try self.terms.replace(old?.id, by: new?.id, field("thingGroupId"), of: group.number)
        try self.terms.replace(old?.description, by: new?.description, field("description"), of: group.number)
        let before = old?.attributes ?? [:]
        let after = new?.attributes ?? [:]
        for name in Set(before.keys).union(after.keys) {
            try self.terms.replace(before[name], by: after[name], field("attributes.\(name)"), of: group.number)
        }
        guard old == nil || new == nil else { return }
        let parents = Set(try self.groups.ancestors(of: group).flatMap { IndexTerm.terms(of: $0.name) })
        try self.terms.replace(old == nil ? [] : parents, by: new == nil ? [] : parents, field("parentGroupNames"), of: group.number)
    }

    // MARK: Members

    /// Puts a thing into a group. That it may be there has been checked.
    func add(_ thing: Thing, to group: ThingGroup) throws {
        let before = try self.members.groups(of: thing.number)
        try self.members.insert(group: group.number, thing: thing.number)
        try self.indexGroups(of: thing, from: before, to: before + [group])
        self.affect(.thing(thing.name))
        self.announce(.thingGroupMembership) { .membership(added: true, thing, group, self.account) }
    }

    func remove(_ thing: Thing, from group: ThingGroup) throws {
        try self.removeMember(thing, from: group)
        self.affect(.thing(thing.name))
    }

    /// The same without a word to the authorities: a group that goes tells them once for all of its members.
    private func removeMember(_ thing: Thing, from group: ThingGroup) throws {
        let before = try self.members.groups(of: thing.number)
        try self.members.delete(group: group.number, thing: thing.number)
        try self.indexGroups(of: thing, from: before, to: before.filter { $0.number != group.number })
        self.announce(.thingGroupMembership) { .membership(added: false, thing, group, self.account) }
    }

    /// Before a thing is deleted.
    func removeFromAllGroups(_ thing: Thing) throws {
        for group in try self.members.groups(of: thing.number) { try self.remove(thing, from: group) }
    }

    /// Names that differ in case only are one word of the index, so the words of all groups count, not those of one.
    private func indexGroups(of thing: Thing, from old: [ThingGroup], to new: [ThingGroup]) throws {
        self.touch(thing.number)
        func terms(_ groups: [ThingGroup]) -> Set<IndexTerm> { Set(groups.flatMap { IndexTerm.terms(of: $0.name) }) }
        try self.terms.replace(terms(old), by: terms(new), IndexField(domain: .things, path: "thingGroupNames"), of: thing.number)
    }
}
