package import AWSAPI
package import Identity
package import JSON
package import Logging
package import Storage
import Synchronization

/// Things and what describes them, the principals that they hold, and the index that finds them.
package final class RegistryService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = RegistrySchema.migrations

    /// Publishes a message of this service. Must not wait.
    package typealias Publish = @Sendable (_ topic: String, _ message: JSONObject) -> Void
    /// Hears of things that dynamic groups have no room for. Must not wait.
    package typealias NoteLeftOut = @Sendable (LeftOutThing) -> Void

    let store: any Store
    let account: AccountContext
    /// Knows which certificates exist, and hears of every change that policies can see.
    let identity: IdentityService
    let settings: RegistryOptions
    let logger: Logger
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64
    let fieldNumbers = FieldNumbers()
    let membershipQueries = MembershipQueries()
    let index: IndexFeed
    private let publish: Publish
    private let noteLeftOut: NoteLeftOut
    private let eventSequence = EventSequence()
    private let enabledEvents = Mutex(EnabledEvents())
    /// Grows inside each write of the event configurations, so that what was committed last is what holds.
    private let eventRevisions = Atomic<Int>(0)

    /// - Parameters:
    ///   - identity: made with `RegisteredThings` as its directory, on the same store.
    ///   - publish: how registry events go out.
    ///   - sources: the rooms that the index asks; without them only the registry itself can be indexed.
    package init(
        store: any Store, account: AccountContext, identity: IdentityService, publish: @escaping Publish = { _, _ in },
        noteLeftOut: @escaping NoteLeftOut = { _ in }, sources: (any IndexSources)? = nil, settings: RegistryOptions = RegistryOptions(),
        logger: Logger, clock: @escaping @Sendable () -> Int64 = { Timestamp.now().milliseconds }
    ) {
        self.store = store
        self.account = account
        self.identity = identity
        self.publish = publish
        self.noteLeftOut = noteLeftOut
        self.settings = settings
        self.logger = logger
        self.clock = clock
        self.index = IndexFeed(store: store, sources: sources, logger: logger)
        identity.taggable.add("thinggroup") { try GroupTable(connection: $1).find($0) != nil }
        identity.taggable.add("thingtype") { try ThingTypeTable(connection: $1).find($0) != nil }
        identity.taggable.add("billinggroup") { try BillingGroupTable(connection: $1).find($0) != nil }
    }

    /// Brings what is kept in memory and in the index up to date with the tables. Called once, before the first operation.
    package func start() async throws {
        let events = try await self.store.read { try EventConfigurations.load($0) }
        self.enabledEvents.withLock { $0.kinds = events.enabled }
        try await self.indexThingsOfOldFolder()
        try await self.startIndex()
    }

    /// Things that were registered before there was an index.
    private func indexThingsOfOldFolder() async throws {
        let setting = "index-version"
        guard try await self.store.read({ try RegistrySettings(connection: $0).find(setting) }) == nil else { return }
        try await self.change { transaction in
            try transaction.indexAllThings()
            try RegistrySettings(connection: transaction.connection).set(setting, "1")
        }
    }

    private struct EnabledEvents {
        var kinds: Set<RegistryEventKind> = []
        var revision = 0
    }

    /// Changes which events are announced, from the next write on.
    func changeEvents(_ body: @escaping @Sendable (any StoreConnection) throws -> EventConfigurations) async throws {
        let (found, revision) = try await self.store.write { connection in
            (try body(connection), self.eventRevisions.add(1, ordering: .relaxed).newValue)
        }
        self.enabledEvents.withLock { events in
            if revision > events.revision { events = EnabledEvents(kinds: found.enabled, revision: revision) }
        }
    }

    /// Runs a write. When it returns, its changes are on disk, decisions of policies rest on them, and its events are on their way.
    func change<T: Sendable>(_ body: @escaping @Sendable (RegistryTransaction) throws -> T) async throws -> T {
        let events = self.enabledEvents.withLock { $0.kinds }
        let sequence = self.eventSequence
        let ticket = Mutex<EventSequence.Ticket?>(nil)
        do {
            let (value, effects) = try await self.store.write { connection -> (T, RegistryEffects) in
                let transaction = RegistryTransaction(
                    connection, account: self.account, fields: self.fieldNumbers, queries: self.membershipQueries, events: events)
                let value = try body(transaction)
                let effects = try transaction.finish()
                if !effects.events.isEmpty { ticket.withLock { $0 = sequence.take() } }
                return (value, effects)
            }
            self.fieldNumbers.add(effects.fields)
            if effects.hasMarks { self.index.putBack() }
            if !effects.scopes.isEmpty { await self.identity.changed(effects.scopes) }
            self.tell(effects.events, ticket.withLock { $0 })
            effects.leftOut.forEach(self.noteLeftOut)
            return value
        } catch {
            self.tell([], ticket.withLock { $0 })
            throw error
        }
    }

    private func tell(_ events: [RegistryEvent], _ ticket: EventSequence.Ticket?) {
        guard let ticket else { return }
        let now = self.clock()
        self.eventSequence.settle(ticket, events) { event in
            self.publish(event.topic, event.payload(account: self.account.account, now: now))
        }
    }
}

extension AccountContext {
    func thingARN(_ name: String) -> String { self.arn(service: "iot", "thing/\(name)") }
    func groupARN(_ name: String) -> String { self.arn(service: "iot", "thinggroup/\(name)") }
}

extension JSONValue {
    /// A time of the API: seconds since 1970 with a fraction.
    ///
    /// - Parameter milliseconds: since 1970.
    static func seconds(_ milliseconds: Int64) -> JSONValue { Timestamp(milliseconds: milliseconds).json }
}
