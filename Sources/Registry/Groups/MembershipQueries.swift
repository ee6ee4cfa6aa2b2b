import Storage
import Synchronization

/// The parsed queries of dynamic groups. There are at most `RegistryLimits.dynamicGroups` of them.
final class MembershipQueries: Sendable {
    private struct Key: Hashable {
        let text: String
        let locations: [GeoLocation]
    }

    private let parsed = Mutex<[Key: SearchQuery]>([:])

    /// Nil for one that is not valid any more, such as one on a place that is not configured now: it has no members.
    func query(_ text: String, locations: [GeoLocation]) -> SearchQuery? {
        let key = Key(text: text, locations: locations)
        if let query = self.parsed.withLock({ $0[key] }) { return query }
        guard let query = try? SearchQuery(parsing: text, limits: .dynamicGroup, locations: locations) else { return nil }
        self.parsed.withLock { parsed in
            if parsed.count >= 2 * RegistryLimits.dynamicGroups { parsed.removeAll() }
            parsed[key] = query
        }
        return query
    }
}

extension RegistryTransaction {
    /// Puts the things whose documents changed into the dynamic groups whose queries they match now, and takes them out of the others.
    func settleDynamicGroups() throws {
        guard !self.touched.isEmpty else { return }
        let groups = try self.groups.dynamicGroups()
        guard !groups.isEmpty else { return }
        let configuration = try self.indexConfiguration()
        let documents = IndexDocuments(connection: self.connection, configuration: configuration)
        // What is changed below touches items again, whose documents do not count a second time.
        for item in self.touched {
            guard let indexed = try documents.thing(item) else { continue }
            let document = indexed.document
            let wanted = groups.filter { group in
                group.membershipQuery.flatMap { self.queries.query($0.text, locations: configuration.geoLocations) }?.matches(document)
                    ?? false
            }
            try self.settle(indexed.thing, in: wanted)
        }
    }

    /// - Parameter wanted: the groups whose queries the thing matches, the oldest first. Those for which there is no room are left out, the newest
    ///   first (AWS IoT Developer Guide, dynamic thing groups).
    private func settle(_ thing: Thing, in wanted: [ThingGroup]) throws {
        let present = try self.members.groups(of: thing.number)
        let room = RegistryLimits.groupsPerThing - present.count { !$0.isDynamic }
        let allowed = wanted.prefix(max(0, room))
        for group in present where group.isDynamic && !allowed.contains(where: { $0.number == group.number }) {
            try self.remove(thing, from: group)
        }
        for group in allowed where !present.contains(where: { $0.number == group.number }) { try self.add(thing, to: group) }
        self.noteLeftOut(of: wanted.dropFirst(allowed.count).map(\.name), thing.name)
    }
}

extension GroupTable {
    /// All dynamic groups, the oldest first.
    func dynamicGroups() throws -> [ThingGroup] {
        try self.connection.query("SELECT \(Self.columns) FROM registry_groups WHERE query IS NOT NULL ORDER BY number").map(
            ThingGroup.init)
    }
}
