import Identity
import Storage

extension RegistryTransaction {
    /// Adds a thing and returns it with its number.
    @discardableResult
    func insert(_ candidate: Thing) throws -> Thing {
        var thing = candidate
        thing.number = try self.things.insert(thing)
        try self.markShadows(of: thing.name)
        try self.index(from: nil, to: thing)
        self.announce(.thing) { .thing(.created, thing) }
        if let type = thing.typeName { self.announce(.thingTypeAssociation) { .association(added: true, thing, type: type) } }
        return thing
    }

    /// Changes a thing's row. The caller has raised the version.
    func update(_ old: Thing, to new: Thing) throws {
        try self.things.update(new)
        try self.index(from: old, to: new)
        self.affect(.thing(new.name))
        self.announce(.thing) { .thing(.updated, new) }
        guard old.typeName != new.typeName else { return }
        if let type = old.typeName { self.announce(.thingTypeAssociation) { .association(added: false, new, type: type) } }
        if let type = new.typeName { self.announce(.thingTypeAssociation) { .association(added: true, new, type: type) } }
    }

    /// Removes a thing that holds no principal. It leaves its groups.
    func delete(_ thing: Thing) throws {
        try self.removeFromAllGroups(thing)
        for part in try self.parts.parts(of: thing.number).keys { try self.setPart(part, of: thing.number, to: nil) }
        try self.things.delete(thing)
        try self.index(from: thing, to: nil)
        self.affect(.thing(thing.name))
        if let type = thing.typeName { self.announce(.thingTypeAssociation) { .association(added: false, thing, type: type) } }
        self.announce(.thing) { .thing(.deleted, thing) }
    }

    private func index(from old: Thing?, to new: Thing?) throws {
        guard let item = new?.number ?? old?.number else { return }
        self.touch(item)
        for (path, text) in [("thingName", \Thing.name), ("thingId", \Thing.id)] {
            try self.terms.replace(old?[keyPath: text], by: new?[keyPath: text], IndexField(domain: .things, path: path), of: item)
        }
        try self.terms.replace(
            Self.terms(ofVersion: old?.version), by: Self.terms(ofVersion: new?.version),
            IndexField(domain: .things, path: IndexDocument.version), of: item)
        try self.terms.replace(old?.typeName, by: new?.typeName, IndexField(domain: .things, path: "thingTypeName"), of: item)
        let before = old?.attributes ?? [:]
        let after = new?.attributes ?? [:]
        for (name, value) in before where after[name] != value {
            try self.terms.replace(value, by: after[name], .attribute(name), of: item)
        }
        for (name, value) in after where before[name] == nil {
            try self.terms.replace(nil, by: value, .attribute(name), of: item)
        }
    }

    private static func terms(ofVersion version: Int64?) -> Set<IndexTerm> {
        version.map { IndexValue.number(Double($0)).terms } ?? []
    }

    /// Gives every thing its rows in the search index: after an upgrade from a data folder that had none.
    func indexAllThings() throws {
        var last: Int64 = 0
        while true {
            let things = try self.connection.query(
                "SELECT \(ThingTable.columns) FROM registry_things WHERE number > ? ORDER BY number LIMIT 1000", [.integer(last)]
            ).map(Thing.init)
            guard let end = things.last else { return }
            for thing in things { try self.index(from: nil, to: thing) }
            last = end.number
        }
    }
}
