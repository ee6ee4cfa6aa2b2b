import Logging
import Storage
import Testing

@testable import Broker

/// Two loops write about sessions of one client in commits of their own, which may come in either order.
@Suite struct SessionRecordTests {
    private let store: any Store

    init() throws { self.store = try SQLiteStore.inMemory(migrations: Broker.migrations, logger: Logger(label: "test")) }

    private func record(_ id: Int64, principal: String = "p") -> JournalOperation {
        .session(
            SessionRecord(
                id: id, clientID: "c", version: 5, expirySeconds: 60, disconnectedAt: 0, principal: principal, will: nil,
                willDelaySeconds: 0, willExpirySeconds: nil, sentThrough: 0))
    }

    private func run(_ operations: [JournalOperation]) async throws {
        let batch = JournalBatch(operations: operations)
        try await self.store.write { try batch.write($0) }
    }

    private func rows(_ sql: String) async throws -> [[StoreValue]] { try await self.store.read { try $0.query(sql, []).map(\.values) } }

    @Test func theNewSessionMayBeWrittenBeforeTheFormerOneIsDeleted() async throws {
        try await self.run([self.record(1), .subscribe(session: 1, filter: "a", options: 1, identifier: 0)])
        try await self.run([self.record(2), .subscribe(session: 2, filter: "b", options: 1, identifier: 0)])
        try await self.run([.deleteSession(1)])
        #expect(try await self.rows("SELECT id, client_id FROM broker_session") == [[.integer(2), .text("c")]])
        #expect(try await self.rows("SELECT session FROM broker_subscription") == [[.integer(2)]])
    }

    @Test func aLateRecordOfTheFormerSessionChangesNothing() async throws {
        try await self.run([self.record(2)])
        try await self.run([self.record(1), .deleteSession(1)])
        #expect(try await self.rows("SELECT id FROM broker_session") == [[.integer(2)]])
    }

    @Test func aKnownSessionIsChanged() async throws {
        try await self.run([self.record(1)])
        try await self.run([self.record(1, principal: "q")])
        #expect(try await self.rows("SELECT id, principal FROM broker_session") == [[.integer(1), .text("q")]])
    }
}
