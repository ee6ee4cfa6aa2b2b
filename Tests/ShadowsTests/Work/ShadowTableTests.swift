import JSON
import Storage
import Testing

@testable import Shadows

/// Listings, the history, and rows that something else has damaged.
@Suite struct ShadowTableTests {
    private static let key = ShadowLedgerTests.key

    // MARK: Names

    @Test func namesAreListedInPages() async throws {
        let tables = try ShadowLedgerTests.Tables()
        for name in [nil, "b", "$a", "a", "B", "10", "9"] {
            try await tables.run(.update(state: "{}"), ShadowKey(thing: "t", name: name))
        }
        try await tables.run(.update(state: "{}"), ShadowKey(thing: "other", name: "c"))
        try await tables.run(.delete, ShadowKey(thing: "t", name: "9"))
        let all = try await tables.read { try $0.names(of: "t", after: nil, limit: 100) }
        #expect(all == ["$a", "10", "B", "a", "b"])
        var pages: [[String]] = []
        repeat {
            let last = pages.last?.last
            pages.append(try await tables.read { try $0.names(of: "t", after: last, limit: 2) })
        } while pages.last?.count == 2
        #expect(pages == [["$a", "10"], ["B", "a"], ["b"]])
        #expect(try await tables.read { try $0.names(of: "nobody", after: nil, limit: 2) } == [])
    }

    // MARK: History

    private static func page(
        _ tables: ShadowLedgerTests.Tables, _ key: ShadowKey = key, after: ShadowHistoryPosition? = nil, limit: Int = 100
    ) async throws -> [ShadowHistoryEntry] {
        try await tables.store.read { try ShadowHistoryTable(connection: $0).page(key, after: after, limit: limit) }
    }

    @Test func historyIsKeptAsLongAsItMay() async throws {
        var tables = try ShadowLedgerTests.Tables()
        try await tables.run(.update(state: "{}"))
        #expect(try await Self.page(tables).isEmpty)
        tables.limits.historyLength = 3
        for index in 2...6 {
            tables.now += 1
            try await tables.run(.update(state: #"{"desired":{"a":\#(index)}}"#), source: "mqtt:\(index)")
        }
        let entries = try await Self.page(tables)
        #expect(entries.map(\.version) == [6, 5, 4])
        #expect(entries.map(\.timestamp) == [1005, 1004, 1003])
        #expect(entries.map(\.source) == ["mqtt:6", "mqtt:5", "mqtt:4"])
        #expect(entries.map { String(decoding: $0.state, as: UTF8.self) } == [6, 5, 4].map { #"{"desired":{"a":\#($0)}}"# })
        // What was refused is no change; another shadow has its own.
        try await tables.run(.update(state: "{}", version: 1))
        try await tables.run(.update(state: "{}"), ShadowKey(thing: "t", name: "n"))
        #expect(try await Self.page(tables).map(\.version) == [6, 5, 4])
        #expect(try await Self.page(tables, ShadowKey(thing: "t", name: "n")).map(\.version) == [1])
    }

    @Test func historyHasDeletions() async throws {
        var tables = try ShadowLedgerTests.Tables()
        tables.limits.historyLength = 10
        let update = try ShadowRequest.Operation.update(state: #"{"desired":{"a":1}}"#)
        for operation in [.delete, update, .delete, update, .delete] { try await tables.run(operation) }
        let entries = try await Self.page(tables)
        #expect(entries.map(\.version) == [2, 2, 1, 1])
        #expect(entries.map(\.isDeletion) == [true, false, true, false])
        #expect(String(decoding: entries[2].state, as: UTF8.self) == "{}")
        // Page by page, through the text that a token has.
        var found: [ShadowHistoryEntry] = []
        var position: ShadowHistoryPosition?
        for _ in 0..<4 {
            found += try await Self.page(tables, after: position, limit: 1)
            let text = ShadowHistoryPosition(try #require(found.last)).text
            position = ShadowHistoryPosition(text)
            #expect(position?.text == text)
        }
        #expect(found.map(\.version) == [2, 2, 1, 1] && found.map(\.isDeletion) == [true, false, true, false])
        #expect(try await Self.page(tables, after: position).isEmpty)
    }

    /// The history of a shadow whose version is forgotten would mix with that of its successor.
    @Test func historyBeginsAnewWithTheVersions() async throws {
        var tables = try ShadowLedgerTests.Tables()
        tables.limits.historyLength = 10
        for _ in 0..<3 { try await tables.run(.update(state: "{}")) }
        try await tables.run(.delete)
        tables.now += tables.limits.tombstoneSeconds
        try await tables.run(.update(state: #"{"desired":{"a":1}}"#))
        #expect(try await Self.page(tables).map(\.version) == [1])
    }

    @Test(arguments: ["", "d", "u", "x", "1", "1.0d", "99999999999999999999u"]) func otherPositions(text: String) {
        // What no token has; the last character alone says which kind.
        #expect(ShadowHistoryPosition(text)?.version == nil)
    }

    // MARK: Damage

    private static let damages = [
        "state = X'7B'", "state = X''", "state = X'FF7B7D'", "metadata = X'6E756C'", "state = 5", "state = 'text'", "metadata = 1.5",
        "version = 'one'", "timestamp = X'00'",
    ]

    @Test(arguments: damages) func aDamagedShadowDisturbsNoOther(damage: String) async throws {
        let tables = try ShadowLedgerTests.Tables()
        let other = ShadowKey(thing: "other")
        for key in [Self.key, other] { try await tables.run(.update(state: #"{"desired":{"a":1}}"#), key) }
        try await tables.store.write { _ = try $0.execute("UPDATE shadows SET \(damage) WHERE thing = 't'") }
        let outcomes = try await tables.run([
            .make(try .update(state: #"{"reported":{"b":1}}"#), other), .make(try .update(state: "{}")), .make(.get, other),
        ])
        #expect(outcomes[0].update?.current.version == 2)
        #expect(outcomes[1].problem == ShadowProblem(code: 500, message: "Internal service failure"))
        #expect(outcomes[2].found?.version == 2)
        // It was left as it is.
        #expect(try await tables.run(.update(state: "{}")).problem?.code == 500)
        #expect(try await tables.run(.get, other).found?.version == 2)
    }

    @Test func whatIsUnreadableCanBeDeleted() async throws {
        let tables = try ShadowLedgerTests.Tables()
        try await tables.run(.update(state: "{}"))
        try await tables.store.write { _ = try $0.execute("UPDATE shadows SET state = X'7B'") }
        #expect(try await tables.run(.delete).deletedVersion == 1)
        #expect(try await tables.run(.update(state: "{}")).update?.current.version == 2)
    }
}
