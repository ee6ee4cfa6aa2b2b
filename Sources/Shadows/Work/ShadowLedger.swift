import JSON
import Logging
package import Storage

/// What requests do to the database, inside one transaction.
struct ShadowLedger {
    let table: ShadowTable
    let history: ShadowHistoryTable
    let limits: ShadowLimits
    let things: (any ShadowThings)?
    let observer: (any ShadowObserver)?
    /// Seconds since 1970.
    let now: Int64
    let logger: Logger

    init(
        connection: any StoreConnection, limits: ShadowLimits, things: (any ShadowThings)?, observer: (any ShadowObserver)? = nil,
        now: Int64,
        logger: Logger
    ) {
        self.table = ShadowTable(connection: connection)
        self.history = ShadowHistoryTable(connection: connection)
        self.limits = limits
        self.things = things
        self.observer = observer
        self.now = now
        self.logger = logger
    }

    /// - Throws: when the database fails; what is wrong with the request is an outcome.
    func run(_ request: ShadowRequest) throws -> ShadowOutcome {
        do {
            return switch request.operation {
            case .get: try self.get(request.key)
            case .update(let change): try self.update(request.key, change, source: request.source)
            case .delete: try self.delete(request.key, source: request.source)
            }
        } catch let problem as ShadowProblem {
            return .refused(problem)
        } catch let error as JSONParseError {
            return self.damaged(request.key, "\(error)")
        } catch StoreError.corrupt(path: nil, let what) {
            return self.damaged(request.key, what)
        }
    }

    /// One damaged row is no reason to refuse the other requests of the transaction.
    private func damaged(_ key: ShadowKey, _ what: String) -> ShadowOutcome {
        self.logger.error(
            "a stored shadow is damaged: restore the database from a backup, or delete the shadow and let its device report again",
            metadata: ["thing": "\(key.thing)", "shadow": "\(key.nameColumn)", "error": "\(what)"])
        return .refused(.internalFailure)
    }

    func get(_ key: ShadowKey) throws -> ShadowOutcome {
        try self.checkThing(key)
        guard let shadow = try self.table.find(key), shadow.deletedAt == nil else { throw ShadowProblem.noShadow(named: key.label) }
        return .found(shadow)
    }

    private func update(_ key: ShadowKey, _ change: ShadowChange, source: String) throws -> ShadowOutcome {
        try self.checkThing(key)
        let (previous, id) = try self.document(key)
        if let expected = change.version {
            // What does not exist has no version but 0, whatever it had before it was deleted.
            let current = previous.timestamp == 0 ? 0 : previous.version
            guard expected == current else { throw ShadowProblem.versionConflict }
        }
        let current = previous.applying(change, at: self.now)
        let state = JSONValue.object(current.state).serializedBytes()
        guard state.count <= self.limits.maxStateBytes else { throw ShadowProblem.tooLarge }
        let delta = current.delta
        // An update that touches nothing says nothing new to the device.
        let announced = change.touchesState ? delta : nil
        try self.table.save(
            StoredShadow(
                state: state, metadata: JSONValue.object(current.metadata).serializedBytes(),
                delta: delta.map { JSONValue.object($0.state).serializedBytes() }, version: current.version,
                timestamp: current.timestamp, id: id),
            key)
        try self.remember(key, version: current.version, isDeletion: false, source: source, state: state)
        try self.observer?.shadowChanged(key.nameColumn, of: key.thing, in: self.table.connection)
        return .updated(ShadowUpdate(change: change, previous: previous, current: current, delta: announced))
    }

    private func delete(_ key: ShadowKey, source: String) throws -> ShadowOutcome {
        try self.checkThing(key)
        guard var shadow = try self.table.find(key), shadow.deletedAt == nil else { throw ShadowProblem.noShadow(named: key.label) }
        shadow.state = []
        shadow.metadata = []
        shadow.delta = nil
        shadow.deletedAt = self.now
        try self.table.save(shadow, key)
        try self.remember(key, version: shadow.version, isDeletion: true, source: source, state: Array("{}".utf8))
        try self.observer?.shadowChanged(key.nameColumn, of: key.thing, in: self.table.connection)
        return .deleted(version: shadow.version, timestamp: self.now)
    }

    /// What the shadow is; blank if there is none, with the version of a deleted one as long as that is remembered.
    ///
    /// - Returns: with it the row that is there already.
    private func document(_ key: ShadowKey) throws -> (ShadowDocument, row: Int64?) {
        guard let stored = try self.table.find(key) else { return (.blank(version: 0), nil) }
        guard let deletedAt = stored.deletedAt else { return (try stored.document(), stored.id) }
        if deletedAt > self.now - self.limits.tombstoneSeconds { return (.blank(version: stored.version), stored.id) }
        // Its history would mix with that of its successor, whose versions begin again.
        try self.table.remove(key)
        return (.blank(version: 0), nil)
    }

    private func checkThing(_ key: ShadowKey) throws {
        guard let things else { return }
        guard try things.isRegistered(key.thing, self.table.connection) else { throw ShadowProblem.thingNotFound }
    }

    private func remember(_ key: ShadowKey, version: Int64, isDeletion: Bool, source: String, state: [UInt8]) throws {
        guard self.limits.historyLength > 0 else { return }
        let entry = ShadowHistoryEntry(
            version: version, isDeletion: isDeletion, timestamp: self.now, source: source, state: state)
        try self.history.add(entry, key, length: self.limits.historyLength)
    }
}

/// The registry, as shadows need it when only registered things may have any.
package protocol ShadowThings: Sendable {
    func isRegistered(_ thing: String, _ connection: any StoreConnection) throws -> Bool
}
