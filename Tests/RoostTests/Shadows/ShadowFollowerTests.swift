import JSON
import Testing

@testable import roost

@Suite("Following a shadow")
struct ShadowFollowerTests {
    /// A message on `/update/documents` for the update that made `version`.
    static func documents(_ version: Int64, previous: Int64? = nil) -> JSONValue {
        func side(_ version: Int64) -> JSONValue {
            ["state": version == 0 ? [:] : ["desired": ["v": .int(version)]], "metadata": [:], "version": .int(version)]
        }
        return ["previous": side(previous ?? version - 1), "current": side(version), "timestamp": .int(100 + version)]
    }

    static func deletion(_ version: Int64) -> JSONValue { ["version": .int(version), "timestamp": .int(200 + version)] }

    static func follower(at version: Int64?) -> ShadowFollower {
        ShadowFollower(version.map { ShadowState(sections: ["desired": ["v": .int($0)]], version: $0, timestamp: 100 + $0) })
    }

    static func event(_ outcome: ShadowFollower.Outcome) throws -> ShadowFollower.Event {
        guard case .changed(let event) = outcome else {
            Issue.record("no change: \(outcome)")
            throw Missing()
        }
        return event
    }

    struct Missing: Error {}

    @Test("tells each change after the document")
    func changes() throws {
        var follower = Self.follower(at: 5)
        for version in Int64(6)...8 {
            let event = try Self.event(follower.receivedDocuments(Self.documents(version)))
            #expect(event.before.version == version - 1)
            #expect(event.after == ShadowState(sections: ["desired": ["v": .int(version)]], version: version, timestamp: 100 + version))
            #expect(event.missed == nil)
            #expect(!event.isDeletion)
        }
    }

    @Test("tells no change that the document had")
    func known() {
        var follower = Self.follower(at: 5)
        for version in Int64(3)...5 { #expect(follower.receivedDocuments(Self.documents(version)) == .known) }
        #expect(follower.receivedDeletion(Self.deletion(4)) == .known)
        #expect(follower.current?.version == 5)
    }

    @Test("tells a deletion, and what is made after it")
    func deletion() throws {
        var follower = Self.follower(at: 5)
        let event = try Self.event(follower.receivedDeletion(Self.deletion(5)))
        #expect(event.isDeletion)
        #expect(event.before.version == 5)
        #expect(event.after == ShadowState(sections: [:], version: 5, timestamp: 205))
        #expect(follower.current == nil)
        // The version goes on, or begins again when it has been forgotten.
        for next in [Int64(6), 1] {
            var follower = follower
            #expect(try Self.event(follower.receivedDocuments(Self.documents(next, previous: next - 1))).missed == nil)
            #expect(follower.current?.version == next)
        }
    }

    @Test("begins without a shadow")
    func absent() throws {
        var follower = Self.follower(at: nil)
        #expect(follower.receivedDeletion(Self.deletion(2)) == .known)
        #expect(try Self.event(follower.receivedDocuments(Self.documents(3))).after.version == 3)
    }

    @Test("says which versions it did not see")
    func missed() throws {
        var follower = Self.follower(at: 5)
        #expect(try Self.event(follower.receivedDocuments(Self.documents(9))).missed == 6...8)
        #expect(try Self.event(follower.receivedDeletion(Self.deletion(11))).missed == 10...11)
    }

    @Test(
        "takes nothing else for a change",
        arguments: [
            .null, [], [:], "text", ["current": [:]], ["previous": [:], "current": [:]], ["version": "5"], ["version": 1.5],
            ["previous": ["state": [], "version": 1], "current": ["state": [], "version": 2]],
        ] as [JSONValue])
    func foreign(json: JSONValue) {
        var follower = Self.follower(at: 5)
        #expect(follower.receivedDocuments(json) == .foreign)
        #expect(follower.receivedDeletion(json) == .foreign)
        #expect(follower.current?.version == 5)
    }
}
