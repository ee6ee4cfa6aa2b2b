import JSON
import Storage

/// A pass over all things that gives each the parts that the configuration wants, and the dynamic groups that its document matches. It goes on
/// after a restart.
enum IndexPass {
    /// Things of one transaction.
    static let batch = 200
    private static let setting = "index-pass"

    /// From the first thing on, also when a pass is under way.
    static func begin(in connection: any StoreConnection) throws {
        try RegistrySettings(connection: connection).set(Self.setting, "0")
    }

    /// The number of the last thing that was looked at; nil when no pass is under way.
    static func position(in connection: any StoreConnection) throws -> Int64? {
        try RegistrySettings(connection: connection).find(Self.setting).flatMap(Int64.init)
    }

    static func move(to position: Int64?, in connection: any StoreConnection) throws {
        let settings = RegistrySettings(connection: connection)
        if let position { try settings.set(Self.setting, "\(position)") } else { try settings.remove(Self.setting) }
    }
}

extension RegistryService {
    /// The next things of a pass. False when none is under way.
    func indexPassStep() async throws -> Bool {
        let next = try await self.store.read { connection -> (position: Int64, names: [String])? in
            guard let position = try IndexPass.position(in: connection) else { return nil }
            return (position, try Self.things(after: position, in: connection).map(\.name))
        }
        guard let next else { return false }
        let configuration = self.index.configuration
        let connections = configuration.wants(.connectivity) ? await self.connections(of: next.names) : [:]
        let sources = self.index.sources
        let isDone = try await self.change { transaction in
            // It may have begun anew meanwhile, or another configuration come.
            guard try IndexPass.position(in: transaction.connection) == next.position,
                try IndexConfiguration.load(transaction.connection) == configuration
            else { return false }
            let things = try Self.things(after: next.position, in: transaction.connection)
            for thing in things { try transaction.bringUpToDate(thing, configuration, sources, connections[thing.name]) }
            guard things.count == IndexPass.batch, let last = things.last else {
                try transaction.endPass(configuration)
                return true
            }
            try IndexPass.move(to: last.number, in: transaction.connection)
            return false
        }
        if isDone { self.index.take(try await self.store.read { try IndexConfiguration.load($0) }) }
        return !isDone
    }

    private static func things(after position: Int64, in connection: any StoreConnection) throws -> [Thing] {
        try connection.query(
            "SELECT \(ThingTable.columns) FROM registry_things WHERE number > ? ORDER BY number LIMIT ?",
            [.integer(position), StoreValue(IndexPass.batch)]
        ).map(Thing.init)
    }

    private func connections(of names: [String]) async -> [String: ThingConnection] {
        var result: [String: ThingConnection] = [:]
        for name in names { result[name] = await self.index.sources?.connection(of: name) }
        return result
    }
}

extension RegistryTransaction {
    fileprivate func bringUpToDate(
        _ thing: Thing, _ configuration: IndexConfiguration, _ sources: (any IndexSources)?, _ connection: ThingConnection?
    ) throws {
        for part in try self.parts.parts(of: thing.number).keys where !configuration.wants(part) {
            try self.setPart(part, of: thing.number, to: nil)
        }
        for name in configuration.shadowNames { try self.readShadow(name, of: thing.name, thing.number, sources, configuration) }
        if let connection {
            try self.setConnectivity(
                of: thing.name, to: ["connected": true, "timestamp": .int(connection.connectedAt)], configuration)
        }
        self.touch(thing.number)
    }

    /// All things have been looked at: the index is whole, and so are the dynamic groups.
    fileprivate func endPass(_ configuration: IndexConfiguration) throws {
        try IndexPass.move(to: nil, in: self.connection)
        var configuration = configuration
        configuration.status = .active
        try configuration.save(self.connection)
        for old in try self.groups.dynamicGroups() where old.membershipQuery?.status != .active {
            var group = old
            group.membershipQuery?.status = .active
            try self.groups.update(group)
        }
    }
}
