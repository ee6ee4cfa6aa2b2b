import JSON
import Storage

/// The items of the indexes with all that queries see of them.
struct IndexDocuments {
    let connection: any StoreConnection
    let configuration: IndexConfiguration

    /// Nil when there is no such thing any more.
    func thing(_ number: Int64) throws -> IndexedThing? {
        try ThingTable(connection: self.connection).find(number: number).map(self.indexed)
    }

    func indexed(_ thing: Thing) throws -> IndexedThing {
        let groups = try MemberTable(connection: self.connection).groupNames(of: thing.number)
        let parts = self.configuration.wantsParts ? try IndexPartTable(connection: self.connection).parts(of: thing.number) : [:]
        return IndexedThing(
            thing: thing, groupNames: groups, parts: parts, indexesConnectivity: self.configuration.wants(.connectivity))
    }

    func group(_ number: Int64) throws -> IndexedGroup? {
        let table = GroupTable(connection: self.connection)
        guard let group = try table.find(number: number) else { return nil }
        return IndexedGroup(group: group, parentNames: try table.ancestors(of: group).map(\.name))
    }
}

/// A thing with its groups and with what other rooms say of it.
struct IndexedThing: Sendable {
    let thing: Thing
    let groupNames: [String]
    let parts: [IndexPart: JSONObject]
    let indexesConnectivity: Bool

    var document: IndexDocument {
        var fields: [String: [IndexValue]] = [
            "thingName": [.text(self.thing.name)], "thingId": [.text(self.thing.id)],
            IndexDocument.version: [.number(Double(self.thing.version))],
        ]
        if let type = self.thing.typeName { fields["thingTypeName"] = [.text(type)] }
        if !self.groupNames.isEmpty { fields["thingGroupNames"] = self.groupNames.map(IndexValue.text) }
        for (name, value) in self.thing.attributes { fields["attributes.\(name)"] = [.text(value)] }
        for (part, body) in self.parts { fields.merge(part.fields(of: body)) { $0 + $1 } }
        // One that never connected has no part, and is not connected.
        if self.indexesConnectivity, self.parts[.connectivity] == nil { fields[IndexDocument.connected] = [.bool(false)] }
        return IndexDocument(fields: fields)
    }

    /// The values that an aggregation is over: those of a searchable field, or a version.
    func values(of path: String, in document: IndexDocument) -> [IndexValue] {
        if let values = document.fields[IndexDocument.canonical(path)] { return values }
        // Of connectivity it is no field of queries.
        guard path.hasSuffix(".version"), let part = IndexPart(key: String(path.dropLast(".version".count))) else { return [] }
        return self.parts[part]?["version"]?.doubleValue.map { [.number($0)] } ?? []
    }
}

struct IndexedGroup: Sendable {
    let group: ThingGroup
    let parentNames: [String]

    var document: IndexDocument {
        var fields: [String: [IndexValue]] = [
            "thingGroupName": [.text(self.group.name)], "thingGroupId": [.text(self.group.id)],
        ]
        if let description = self.group.description { fields["description"] = [.text(description)] }
        if !self.parentNames.isEmpty { fields["parentGroupNames"] = self.parentNames.map(IndexValue.text) }
        for (name, value) in self.group.attributes { fields["attributes.\(name)"] = [.text(value)] }
        return IndexDocument(fields: fields)
    }

    func values(of path: String, in document: IndexDocument) -> [IndexValue] {
        path == "version" ? [.number(Double(self.group.version))] : document.fields[path] ?? []
    }
}
