import JSON
import Storage
import Testing

@testable import Shadows

/// What requests do to the tables, on a store in memory, with the time in the test's hand.
@Suite struct ShadowLedgerTests {
    static let key = ShadowKey(thing: "t")
    static let day: Int64 = 24 * 3600

    /// A ledger's surroundings.
    struct Tables {
        let store: SQLiteStore
        var limits = ShadowLimits.aws
        var now: Int64 = 1000
        var things: (any ShadowThings)?

        init() throws { self.store = try SQLiteStore.inMemory(migrations: ShadowService.migrations, logger: quiet) }

        @discardableResult
        func run(_ operation: ShadowRequest.Operation, _ key: ShadowKey = key, source: String = "mqtt:c") async throws -> ShadowOutcome {
            try await self.run([ShadowRequest.make(operation, key, source: source)])[0]
        }

        /// In one transaction.
        func run(_ requests: [ShadowRequest]) async throws -> [ShadowOutcome] {
            try await self.store.write { [self] connection in
                let ledger = ShadowLedger(
                    connection: connection, limits: self.limits, things: self.things, now: self.now, logger: quiet)
                return try requests.map { try ledger.run($0) }
            }
        }

        func read<T: Sendable>(_ body: @escaping @Sendable (ShadowTable) throws -> T) async throws -> T {
            try await self.store.read { try body(ShadowTable(connection: $0)) }
        }
    }

    // MARK: Versions

    @Test func updatesAreCounted() async throws {
        var tables = try Tables()
        let first = try await tables.run(.update(state: #"{"desired":{"a":1}}"#)).update
        #expect(first?.previous == .blank(version: 0))
        #expect(first?.current.version == 1 && first?.current.timestamp == 1000)
        tables.now = 1001
        let second = try await tables.run(.update(state: #"{"reported":{"a":1.0}}"#)).update
        #expect(second?.previous == first?.current)
        #expect(second?.current.version == 2 && second?.delta == nil)
        let found = try #require(try await tables.run(.get).found)
        #expect(found.version == 2 && found.timestamp == 1001 && found.delta == nil)
        #expect(found.stateText == #"{"desired":{"a":1},"reported":{"a":1.0}}"#)
        #expect(found.metadataText == #"{"desired":{"a":{"timestamp":1000}},"reported":{"a":{"timestamp":1001}}}"#)
    }

    @Test func updatesWithoutEffectAreCountedToo() async throws {
        let tables = try Tables()
        for (version, state) in ["{}", #"{"desired":{}}"#, #"{"desired":{"a":null}}"#, "null"].enumerated() {
            let update = try await tables.run(.update(state: state)).update
            #expect(update?.current.version == Int64(version + 1))
        }
        let found = try await tables.run(.get).found
        #expect(found?.stateText == "{}" && found?.metadataText == "{}" && found?.version == 4)
    }

    @Test func versionsThatAreNotCurrentAreRefused() async throws {
        let tables = try Tables()
        let conflict = ShadowProblem(code: 409, message: "Version conflict")
        for version in [Int64(1), 2, .max] {
            #expect(try await tables.run(.update(state: "{}", version: version)).problem == conflict)
        }
        #expect(try await tables.run(.get).problem == .noShadow(named: "t"))
        #expect(try await tables.run(.update(state: #"{"desired":{"a":1}}"#, version: 0)).update?.current.version == 1)
        for version in [Int64(0), 2] {
            #expect(try await tables.run(.update(state: "null", version: version)).problem == conflict)
        }
        #expect(try await tables.run(.update(state: #"{"desired":{"a":2}}"#, version: 1)).update?.current.version == 2)
        #expect(try await tables.run(.get).found?.stateText == #"{"desired":{"a":2}}"#)
    }

    /// Requests of one transaction see each other.
    @Test func batchesAreSerial() async throws {
        let tables = try Tables()
        let outcomes = try await tables.run([
            .make(try .update(state: #"{"desired":{"a":1}}"#, version: 0)), .make(.get), .make(try .update(state: "{}", version: 0)),
            .make(try .update(state: #"{"desired":{"b":2}}"#, version: 1)), .make(.delete), .make(.get), .make(.delete),
            .make(try .update(state: "{}")),
        ])
        #expect(outcomes.map { $0.update?.current.version } == [1, nil, nil, 2, nil, nil, nil, 3])
        #expect(outcomes.map { $0.problem?.code } == [nil, nil, 409, nil, nil, 404, 404, nil])
        #expect(outcomes[1].found?.version == 1 && outcomes[4].deletedVersion == 2)
    }

    @Test func shadowsAreApart() async throws {
        let tables = try Tables()
        let keys = [Self.key, ShadowKey(thing: "t", name: "n"), ShadowKey(thing: "t", name: "N"), ShadowKey(thing: "T")]
        for (index, key) in keys.enumerated() {
            #expect(try await tables.run(.get, key).problem == .noShadow(named: key.name ?? key.thing))
            try await tables.run(.update(state: #"{"reported":{"i":\#(index)}}"#), key)
        }
        #expect(try await tables.run(.delete, keys[1]).deletedVersion == 1)
        for (index, key) in keys.enumerated() where index != 1 {
            #expect(try await tables.run(.get, key).found?.stateText == #"{"reported":{"i":\#(index)}}"#)
        }
        #expect(try await tables.run(.delete, keys[1]).problem == ShadowProblem(code: 404, message: "No shadow exists with name: 'n'"))
    }

    // MARK: Deltas

    @Test(
        "An update that touches the state tells of all that differs",
        arguments: [
            (#"{"desired":{"b":2}}"#, #"{"a":1,"b":2}"#), (#"{"reported":{"c":0}}"#, #"{"a":1}"#), (#"{"desired":{"a":1}}"#, #"{"a":1}"#),
            (#"{"reported":null}"#, #"{"a":1}"#), (#"{"reported":{"a":1}}"#, nil), (#"{"desired":null}"#, nil), ("{}", nil),
            (#"{"desired":{}}"#, nil),
        ] as [(String, String?)]) func announcesDeltas(state: String, delta: String?) async throws
    {
        let tables = try Tables()
        try await tables.run(.update(state: #"{"desired":{"a":1}}"#))
        let update = try #require(try await tables.run(.update(state: state)).update)
        #expect(update.delta?.state.description == delta)
        // What is stored is what differs, told or not.
        #expect(try await tables.run(.get).found?.deltaText == update.current.delta?.state.description)
    }

    // MARK: Limits

    @Test func stateAtItsLimit() async throws {
        let tables = try Tables()
        let frame = #"{"desired":{"a":""},"reported":{"b":1}}"#.utf8.count
        let fitting = String(repeating: "x", count: 8192 - frame)
        try await tables.run(.update(state: #"{"reported":{"b":1}}"#))
        #expect(try await tables.run(.update(state: #"{"desired":{"a":"\#(fitting)x"}}"#)).problem == .tooLarge)
        #expect(try await tables.run(.get).found?.version == 1)
        #expect(try await tables.run(.update(state: #"{"desired":{"a":"\#(fitting)"}}"#)).update?.current.version == 2)
        #expect(try await tables.run(.get).found?.state.count == 8192)
        // It is the document that counts, not the request: this one is small, and that one makes room.
        #expect(try await tables.run(.update(state: #"{"reported":{"b":10}}"#)).problem == .tooLarge)
        let long = String(repeating: "y", count: 8000)
        #expect(try await tables.run(.update(state: #"{"desired":{"a":null,"c":"\#(long)"}}"#)).update?.current.version == 3)
        #expect(try await tables.run(.update(state: #"{ "reported" :  {"b" : null } }"#)).update?.current.version == 4)
    }

    @Test func deletedShadowsStillRefuseWhatIsTooLarge() async throws {
        let tables = try Tables()
        try await tables.run(.update(state: "{}"))
        try await tables.run(.delete)
        let long = String(repeating: "x", count: 8192)
        #expect(try await tables.run(.update(state: #"{"desired":{"a":"\#(long)"}}"#)).problem == .tooLarge)
        #expect(try await tables.run(.get).problem?.code == 404)
        #expect(try await tables.run(.update(state: "{}")).update?.current.version == 2)
    }

    @Test func thingsMayHaveToBeRegistered() async throws {
        struct OnlyOne: ShadowThings {
            func isRegistered(_ thing: String, _ connection: any StoreConnection) throws -> Bool { thing == "known" }
        }
        var tables = try Tables()
        tables.things = OnlyOne()
        let unknown = ShadowProblem(code: 404, message: "Thing not found")
        for operation in [ShadowRequest.Operation.get, .delete, try .update(state: "{}")] {
            #expect(try await tables.run(operation).problem == unknown)
        }
        let known = ShadowKey(thing: "known", name: "n")
        #expect(try await tables.run(.get, known).problem == .noShadow(named: "n"))
        #expect(try await tables.run(.update(state: "{}"), known).update?.current.version == 1)
    }
}
