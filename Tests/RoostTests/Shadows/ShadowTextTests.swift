import Foundation
import JSON
import Testing

@testable import roost

/// A state of a shadow from JSON text.
func shadowState(_ sections: String, version: Int64 = 1, timestamp: Int64? = 0) throws -> ShadowState {
    ShadowState(sections: try #require(try JSONValue(parsing: sections).objectValue), version: version, timestamp: timestamp)
}

@Suite("Shadows as lines")
struct ShadowTextTests {
    static let plain = ShadowText(style: .plain, timeZone: TimeZone(secondsFromGMT: 5400) ?? .gmt)

    @Test("tell what changed and what the device has yet to report")
    func difference() throws {
        let old = try shadowState(#"{"desired":{"led":"off","mode":"eco"},"reported":{"led":"off"}}"#)
        let new = try shadowState(#"{"desired":{"led":"on"},"reported":{"led":"off","temp":21.5}}"#)
        #expect(
            Self.plain.difference(from: old, to: new) == [
                #"    desired.led: "off" → "on""#,
                #"  - desired.mode (was "eco")"#,
                "  + reported.temp: 21.5",
                "    delta: led",
            ])
        #expect(Self.plain.difference(from: new, to: new) == ["    (nothing changed)", "    delta: led"])
    }

    @Test("have colours on a terminal")
    func colours() throws {
        let text = ShadowText(style: TextStyle(isColoured: true))
        let old = try shadowState(#"{"reported":{"a":1,"b":1}}"#)
        let lines = text.difference(from: old, to: try shadowState(#"{"reported":{"b":2,"c":3}}"#))
        #expect(
            lines == [
                "  \u{1B}[31m- reported.a (was 1)\u{1B}[0m",
                "    \u{1B}[33mreported.b: 1 → 2\u{1B}[0m",
                "  \u{1B}[32m+ reported.c: 3\u{1B}[0m",
            ])
    }

    @Test(
        "have the delta that the service has: what is desired and not reported so",
        arguments: [
            (#"{"desired":{"a":1}}"#, ["a"]),
            (#"{"desired":{"a":1},"reported":{"a":1.0,"b":2}}"#, []),
            (#"{"desired":{"o":{"a":1,"b":2},"l":[1]},"reported":{"o":{"a":1,"c":3},"l":[1,2]}}"#, ["o.b", "l"]),
            (#"{"reported":{"a":1}}"#, []),
        ])
    func delta(sections: String, expected: [String]) throws {
        // What is replaced comes before what is new.
        #expect(Set(try shadowState(sections).delta.map(\.description)) == Set(expected))
    }

    @Test("are cut when there are very many")
    func many() throws {
        let keys = (0..<150).map { #""k\#($0)":1"# }.joined(separator: ",")
        let lines = Self.plain.difference(from: .absent, to: try shadowState("{\"desired\":{\(keys)}}"))
        #expect(lines.count == ShadowText.maxLines + 2)
        #expect(lines[ShadowText.maxLines] == "    (and 50 more)")
        #expect(lines.last == "    delta: k0, k1, k2, k3, k4, k5, k6, k7 and 142 more")
    }

    @Test("have the time of where they are read")
    func head() {
        #expect(Self.plain.head(7, timestamp: 0) == "version 7  1970-01-01T01:30:00+01:30")
        #expect(Self.plain.head(7, timestamp: nil, isDeletion: true, source: "mqtt:a\u{9B}") == #"deleted, version 7  mqtt:a\u009b"#)
    }

    @Test("tell all of a state")
    func content() throws {
        let state = try shadowState(#"{"desired":{"led":"on"},"reported":{"led":"on","o":{"x":[1,2]}}}"#)
        #expect(
            Self.plain.content(of: state) == [
                #"    desired.led: "on""#, #"    reported.led: "on""#, "    reported.o.x: [1,2]", "    delta: none",
            ])
        #expect(Self.plain.content(of: .absent) == ["    (the state is empty)"])
    }
}
