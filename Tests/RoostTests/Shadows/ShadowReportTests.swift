import Foundation
import JSON
import Testing

@testable import roost

@Suite("What the shadow commands say")
struct ShadowReportTests {
    static let text = ShadowText(style: .plain, timeZone: .gmt)

    @Test("set tells the difference that its update made")
    func alone() throws {
        let before = try shadowState(#"{"desired":{"a":1}}"#, version: 4)
        let after = try shadowState(#"{"desired":{"a":2}}"#, version: 5)
        #expect(
            SetShadowCommand.report(5, before: before, after: after, text: Self.text) == [
                "version 5  1970-01-01T00:00:00Z", "    desired.a: 1 → 2", "    delta: a",
            ])
    }

    @Test("set says when others changed the shadow meanwhile", arguments: [(Int64(3), Int64(5)), (4, 6)])
    func others(versions: (before: Int64, after: Int64)) throws {
        let before = try shadowState(#"{"desired":{"a":1}}"#, version: versions.before)
        let after = try shadowState(#"{"desired":{"a":2}}"#, version: versions.after)
        let lines = SetShadowCommand.report(5, before: before, after: after, text: Self.text)
        #expect(lines.dropFirst().first == "    (others changed it at the same time: their changes are among these)")
    }

    @Test("set says when the shadow is gone")
    func deleted() {
        #expect(
            SetShadowCommand.report(5, before: nil, after: nil, text: Self.text) == [
                "version 5", "    (the shadow has been deleted since)",
            ])
    }

    static func change(_ version: Int64, _ state: String, isDeletion: Bool = false) throws -> ShadowChange {
        let entry: JSONValue = [
            "version": .int(version), "timestamp": 0, "source": "mqtt:lamp", "deleted": .bool(isDeletion),
            "state": try JSONValue(parsing: state),
        ]
        return try #require(ShadowChange(entry))
    }

    @Test("log tells each change against the one before it")
    func history() throws {
        let log = ShadowHistoryText(text: Self.text)
        let first = try Self.change(1, #"{"reported":{"a":1}}"#)
        let second = try Self.change(2, #"{"reported":{"a":2}}"#)
        let deletion = try Self.change(2, "{}", isDeletion: true)
        let third = try Self.change(3, #"{"reported":{"b":1}}"#)
        let head = "  1970-01-01T00:00:00Z  mqtt:lamp"
        #expect(log.lines(of: first, after: nil) == ["version 1" + head, "  + reported.a: 1"])
        #expect(log.lines(of: second, after: first) == ["version 2" + head, "    reported.a: 1 → 2"])
        #expect(log.lines(of: deletion, after: second) == ["deleted, version 2" + head, #"  - reported (was {"a":2})"#])
        #expect(log.lines(of: third, after: deletion) == ["version 3" + head, "  + reported.b: 1"])
    }

    @Test("log says what is no longer kept")
    func gaps() throws {
        let log = ShadowHistoryText(text: Self.text)
        let lines = log.lines(of: try Self.change(7, #"{"reported":{"a":1}}"#), after: nil)
        #expect(lines.dropFirst() == ["    (the version before it is no longer kept; the state was then)", "    reported.a: 1"])
        let gap = log.lines(of: try Self.change(7, #"{"reported":{"a":1}}"#), after: try Self.change(4, "{}"))
        #expect(gap.dropFirst().first == "    (versions 5 to 6 were not kept: their changes are among these)")
    }

    @Test(
        "entries of another form are none",
        arguments: [[:], .null, ["version": 1], ["version": 1, "state": [:], "deleted": 0, "source": "x"]] as [JSONValue])
    func malformed(entry: JSONValue) {
        #expect(ShadowChange(entry) == nil)
    }

    @Test(
        "names are checked before anything is asked",
        arguments: [("", nil), ("a/b", nil), ("a", "x y"), ("a", ""), ("a+", nil)] as [(String, String?)])
    func names(thing: String, name: String?) {
        #expect(throws: CommandFailure.self) { _ = try ShadowAddress(thing: thing, name: name) }
    }

    @Test("topics are those of the service")
    func topics() throws {
        #expect(try ShadowAddress(thing: "t", name: nil).documentsTopic == "$aws/things/t/shadow/update/documents")
        #expect(try ShadowAddress(thing: "t", name: "$n").deletedTopic == "$aws/things/t/shadow/name/$n/delete/accepted")
    }
}
