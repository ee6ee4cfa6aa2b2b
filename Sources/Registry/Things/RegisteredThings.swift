package import Identity
package import Storage

/// What the identity room asks of things. It has no state of its own, so it can be made before either service.
package struct RegisteredThings: ThingDirectory {
    package init() {}

    package func thing(named name: String, in connection: any StoreConnection) throws -> ThingFacts? {
        guard let thing = try ThingTable(connection: connection).find(name) else { return nil }
        let type = try thing.typeName.flatMap { try ThingTypeTable(connection: connection).find($0) }
        return ThingFacts(
            name: thing.name, typeName: thing.typeName, attributes: thing.attributes,
            propagations: (type?.propagatingAttributes ?? []).map { .init(key: $0.key, source: $0.source) })
    }

    package func isRegistered(_ name: String, _ connection: any StoreConnection) throws -> Bool {
        try ThingTable(connection: connection).exists(name)
    }

    package func isAttached(_ principal: PolicyTarget, to thing: String, in connection: any StoreConnection) throws -> Bool {
        try ThingPrincipalTable(connection: connection).kind(thing: thing, principal: principal) != nil
    }

    package func exclusiveThing(of principal: PolicyTarget, in connection: any StoreConnection) throws -> String? {
        let attachments = try ThingPrincipalTable(connection: connection).things(of: principal, after: nil, count: 1, kind: .exclusive)
        return attachments.first?.thing
    }

    package func hasThings(_ principal: PolicyTarget, in connection: any StoreConnection) throws -> Bool {
        try !ThingPrincipalTable(connection: connection).things(of: principal, after: nil, count: 1).isEmpty
    }

    package func principals(ofThing name: String, in connection: any StoreConnection) throws -> [PolicyTarget] {
        try ThingPrincipalTable(connection: connection).principals(of: name, after: nil, count: .max).compactMap {
            PolicyTarget(key: $0.principal)
        }
    }

    package func groups(ofThing name: String, in connection: any StoreConnection) throws -> [String] {
        guard let number = try ThingTable(connection: connection).number(of: name) else { return [] }
        let groups = GroupTable(connection: connection)
        var names: Set<String> = []
        for group in try MemberTable(connection: connection).groups(of: number) where !group.isDynamic {
            names.insert(group.name)
            for ancestor in try groups.ancestors(of: group) { names.insert(ancestor.name) }
        }
        return names.sorted()
    }

    package func lineage(ofGroup name: String, in connection: any StoreConnection) throws -> ThingGroupLineage? {
        let table = GroupTable(connection: connection)
        guard let group = try table.find(name) else { return nil }
        return ThingGroupLineage(names: try table.ancestors(of: group).map(\.name) + [name], isDynamic: group.isDynamic)
    }
}
