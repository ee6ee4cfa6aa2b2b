import AWSAPI
import Identity
import Storage

/// One write of the registry: changes rows together with the search index, and gathers what others must hear when it is on disk.
///
/// Made by ``RegistryService/change(_:)``; used inside the body of that write only.
final class RegistryTransaction {
    let connection: any StoreConnection
    let account: AccountContext
    let fields: FieldReader
    private let events: Set<RegistryEventKind>
    /// Items whose documents changed: dynamic groups look at them before the end.
    private(set) var touched: Set<Int64> = []
    let queries: MembershipQueries
    private var knownConfiguration: IndexConfiguration?
    private(set) var effects = RegistryEffects()

    /// - Parameter events: the kinds that are announced.
    init(
        _ connection: any StoreConnection, account: AccountContext, fields: FieldNumbers, queries: MembershipQueries,
        events: Set<RegistryEventKind>
    ) {
        self.connection = connection
        self.account = account
        self.queries = queries
        self.fields = FieldReader(connection, known: fields)
        self.events = events
    }

    var things: ThingTable { ThingTable(connection: self.connection) }
    var principals: ThingPrincipalTable { ThingPrincipalTable(connection: self.connection) }
    var terms: TermTable { TermTable(connection: self.connection, fields: self.fields) }

    /// What is indexed, as of this transaction.
    func indexConfiguration() throws -> IndexConfiguration {
        if let known = self.knownConfiguration { return known }
        let found = try IndexConfiguration.load(self.connection)
        self.knownConfiguration = found
        return found
    }

    /// Authorities in this scope are read anew before the call is answered.
    func affect(_ scope: AuthorityScope) {
        self.effects.scopes.append(scope)
    }

    /// Publishes an event after the commit, when its kind is enabled.
    func announce(_ kind: RegistryEventKind, _ event: () -> RegistryEvent) {
        if self.events.contains(kind) { self.effects.events.append(event()) }
    }

    /// A thing that dynamic groups want is in as many groups as it may be.
    func noteLeftOut(of groups: [String], _ thing: String) {
        if !groups.isEmpty { self.effects.leftOut.append(LeftOutThing(thing: thing, groups: groups)) }
    }

    /// The document of a thing is another one than before.
    func touch(_ item: Int64) { self.touched.insert(item) }

    /// Has the index read a shadow of a thing.
    func mark(shadow name: String, of thing: String) throws {
        try IndexFeed.mark(name, of: thing, in: self.connection)
        self.effects.hasMarks = true
    }

    func finish() throws -> RegistryEffects {
        try self.settleDynamicGroups()
        self.effects.fields = self.fields.found
        return self.effects
    }
}

/// A thing that matches the queries of dynamic groups and is in the maximum number of groups without them (AWS IoT Developer Guide, dynamic
/// thing groups, AddThingToDynamicThingGroupsFailed).
package struct LeftOutThing: Sendable, Hashable {
    package let thing: String
    package let groups: [String]
}

/// What follows from a write once it is on disk.
struct RegistryEffects: Sendable {
    var scopes: [AuthorityScope] = []
    var events: [RegistryEvent] = []
    var leftOut: [LeftOutThing] = []
    /// Whether something was marked for the index to be read.
    var hasMarks = false
    /// Numbers of fields that can be kept in memory now.
    var fields: [IndexField: Int64] = [:]
}
