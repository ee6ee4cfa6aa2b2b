import JSON
import Storage
import Testing

@testable import Shadows

/// Deleted shadows: their versions are remembered for 48 hours (AWS IoT: deleting a shadow).
@Suite struct ShadowDeletionTests {
    private static let key = ShadowKey(thing: "t")
    private static let tombstone: Int64 = 48 * 3600

    private static func deletedTables(versions: Int = 3) async throws -> ShadowLedgerTests.Tables {
        let tables = try ShadowLedgerTests.Tables()
        for index in 0..<versions { try await tables.run(.update(state: #"{"desired":{"a":\#(index)}}"#)) }
        #expect(try await tables.run(.delete).deletedVersion == Int64(versions))
        return tables
    }

    @Test func nothingIsLeftOfIt() async throws {
        let tables = try await Self.deletedTables()
        #expect(try await tables.run(.get).problem == .noShadow(named: "t"))
        #expect(try await tables.run(.delete).problem == .noShadow(named: "t"))
        let row = try #require(try await tables.read { try $0.find(Self.key) })
        #expect(row.state.isEmpty && row.metadata.isEmpty && row.delta == nil && row.deletedAt == 1000)
    }

    @Test(arguments: [(0, 4), (1, 4), (tombstone - 1, 4), (tombstone, 1), (tombstone + 1, 1)] as [(Int64, Int64)])
    func versionsGoOnForTwoDays(seconds: Int64, version: Int64) async throws {
        var tables = try await Self.deletedTables()
        tables.now += seconds
        let update = try #require(try await tables.run(.update(state: #"{"reported":{"b":1}}"#)).update)
        #expect(update.current.version == version)
        #expect(update.previous.state.isEmpty && update.previous.version == version - 1)
        let found = try await tables.run(.get).found
        #expect(found?.stateText == #"{"reported":{"b":1}}"# && found?.version == version)
    }

    /// Who knows that there is none says version 0, whether there was one or not.
    @Test(arguments: [0, tombstone]) func itsVersionIsZero(seconds: Int64) async throws {
        var tables = try await Self.deletedTables()
        tables.now += seconds
        for version in [Int64(1), 3, 4] {
            #expect(try await tables.run(.update(state: "{}", version: version)).problem == .versionConflict)
        }
        #expect(try await tables.run(.update(state: "{}", version: 0)).update?.current.version == (seconds == 0 ? 4 : 1))
    }

    @Test func itCanBeDeletedAgain() async throws {
        var tables = try await Self.deletedTables()
        for version in Int64(4)...6 {
            tables.now += Self.tombstone - 1
            #expect(try await tables.run(.update(state: "{}")).update?.current.version == version)
            #expect(try await tables.run(.delete).deletedVersion == version)
        }
    }

    @Test func isForgottenAfterTwoDays() async throws {
        var tables = try await Self.deletedTables()
        tables.limits.historyLength = 5
        let other = ShadowKey(thing: "t", name: "n")
        let living = ShadowKey(thing: "t", name: "living")
        tables.now += 10
        for key in [other, living] { try await tables.run(.update(state: "{}"), key) }
        try await tables.run(.delete, other)
        let store = tables.store
        let purge = { (time: Int64, limit: Int) in
            try await store.write { try ShadowTable(connection: $0).purge(deletedBefore: time, limit: limit) }
        }
        #expect(try await purge(1000, 10) == 0)
        #expect(try await purge(1001, 10) == 1)
        #expect(try await tables.read { try $0.find(Self.key) } == nil)
        #expect(try await tables.read { try $0.find(other) } != nil)
        #expect(try await purge(.max, 10) == 1)
        #expect(try await purge(.max, 10) == 0)
        #expect(try await tables.run(.get, living).found?.version == 1)
        // The history goes with it.
        let entries = try await store.read { try $0.query("SELECT name FROM shadow_history") }
        #expect(entries == [StoreRow([.text("living")])])
    }

    @Test func purgesInPortions() async throws {
        let tables = try ShadowLedgerTests.Tables()
        for index in 0..<7 {
            let key = ShadowKey(thing: "t\(index)")
            try await tables.run(.update(state: "{}"), key)
            try await tables.run(.delete, key)
        }
        var purged: [Int] = []
        repeat {
            purged.append(try await tables.store.write { try ShadowTable(connection: $0).purge(deletedBefore: .max, limit: 3) })
        } while purged.last == 3
        #expect(purged == [3, 3, 1])
    }

    /// The service's own round, with its clock.
    @Test func theServiceForgets() async throws {
        try await ShadowHouse.run { house in
            try await house.call(.update(state: "{}"), Self.key)
            await house.call(.delete, Self.key)
            house.clock.advance(by: Self.tombstone)
            #expect(try await house.service.purgeOnce() == 0)
            house.clock.advance(by: 1)
            #expect(try await house.service.purgeOnce() == 1)
            #expect(try await house.call(.update(state: "{}"), Self.key).update?.current.version == 1)
        }
    }
}
