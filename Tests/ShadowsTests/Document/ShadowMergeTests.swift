import JSON
import Testing

@testable import Shadows

/// The document after one request after the other; the requests come at second 1, 2, 3, ….
@Suite struct ShadowMergeTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let states: [String]
        let state: String
        let metadata: String

        init(_ name: String, _ states: [String], _ state: String, _ metadata: String) {
            self.name = name
            self.states = states
            self.state = state
            self.metadata = metadata
        }

        var testDescription: String { self.name }
    }

    @Test(arguments: merges + removals + replacements + orders) func isMerged(_ test: Case) throws {
        let document = try ShadowDocument.after(test.states)
        // As texts, so that the kind of numbers and the order of keys count.
        #expect(document.state.description == test.state)
        #expect(document.metadata.description == Self.expand(test.metadata))
        #expect(document.version == Int64(test.states.count) && document.timestamp == Int64(test.states.count))
    }

    /// `@2` is short for a stamp of second 2.
    private static func expand(_ text: String) -> String {
        text.replacing(/@(\d+)/) { #"{"timestamp":\#($0.1)}"# }
    }

    private static let merges: [Case] = [
        Case("nothing sent", ["{}"], "{}", "{}"),
        Case("first value", [#"{"desired":{"a":1}}"#], #"{"desired":{"a":1}}"#, #"{"desired":{"a":@1}}"#),
        Case(
            "sections are apart", [#"{"desired":{"a":1}}"#, #"{"reported":{"a":2}}"#], #"{"desired":{"a":1},"reported":{"a":2}}"#,
            #"{"desired":{"a":@1},"reported":{"a":@2}}"#),
        Case(
            "both at once", [#"{"reported":{"b":2},"desired":{"a":1}}"#], #"{"desired":{"a":1},"reported":{"b":2}}"#,
            #"{"desired":{"a":@1},"reported":{"b":@1}}"#),
        Case(
            "only what is sent gets a new stamp", [#"{"desired":{"a":1,"b":2,"c":3}}"#, #"{"desired":{"b":4}}"#],
            #"{"desired":{"a":1,"b":4,"c":3}}"#, #"{"desired":{"a":@1,"b":@2,"c":@1}}"#),
        Case(
            "the same value is sent again", [#"{"desired":{"a":1}}"#, #"{"desired":{"a":1}}"#], #"{"desired":{"a":1}}"#,
            #"{"desired":{"a":@2}}"#),
        Case(
            "objects are merged by key",
            [#"{"desired":{"a":{"b":1,"c":{"d":2}}}}"#, #"{"desired":{"a":{"c":{"e":3}}}}"#, #"{"desired":{"a":{"b":4}}}"#],
            #"{"desired":{"a":{"b":4,"c":{"d":2,"e":3}}}}"#, #"{"desired":{"a":{"b":@3,"c":{"d":@1,"e":@2}}}}"#),
        Case(
            "an update without values", [#"{"desired":{"a":1}}"#, "{}", #"{"desired":{},"reported":{}}"#], #"{"desired":{"a":1}}"#,
            #"{"desired":{"a":@1}}"#),
        Case(
            "an empty object touches nothing that is there", [#"{"desired":{"a":{"b":1}}}"#, #"{"desired":{"a":{}}}"#],
            #"{"desired":{"a":{"b":1}}}"#, #"{"desired":{"a":{"b":@1}}}"#),
        Case(
            "arrays have a stamp for each element", [#"{"desired":{"a":[1,"x",[true,[]],{"b":2,"c":{}}]}}"#],
            #"{"desired":{"a":[1,"x",[true,[]],{"b":2,"c":{}}]}}"#, #"{"desired":{"a":[@1,@1,[@1,[]],{"b":@1,"c":{}}]}}"#),
        Case(
            "arrays are replaced whole", [#"{"desired":{"a":[1,2,3]}}"#, #"{"desired":{"a":[1]}}"#], #"{"desired":{"a":[1]}}"#,
            #"{"desired":{"a":[@2]}}"#),
        Case(
            "objects in arrays are not merged", [#"{"desired":{"a":[{"b":1,"c":2}]}}"#, #"{"desired":{"a":[{"b":3}]}}"#],
            #"{"desired":{"a":[{"b":3}]}}"#, #"{"desired":{"a":[{"b":@2}]}}"#),
        Case(
            "keys are taken as they are", [#"{"desired":{"a.b":1,"":2,"timestamp":3,"desired":{"desired":4}}}"#],
            #"{"desired":{"a.b":1,"":2,"timestamp":3,"desired":{"desired":4}}}"#,
            #"{"desired":{"a.b":@1,"":@1,"timestamp":@1,"desired":{"desired":@1}}}"#),
        Case(
            "keys of different scalars are different", [#"{"desired":{"\u00e9":1}}"#, #"{"desired":{"e\u0301":2}}"#],
            #"{"desired":{"\#u{E9}":1,"e\#u{301}":2}}"#, #"{"desired":{"\#u{E9}":@1,"e\#u{301}":@2}}"#),
    ]

    private static let removals: [Case] = [
        Case(
            "null removes a key", [#"{"desired":{"a":1,"b":2}}"#, #"{"desired":{"a":null}}"#], #"{"desired":{"b":2}}"#,
            #"{"desired":{"b":@1}}"#),
        Case(
            "null removes an object", [#"{"desired":{"a":{"b":{"c":1}},"d":2}}"#, #"{"desired":{"a":null}}"#], #"{"desired":{"d":2}}"#,
            #"{"desired":{"d":@1}}"#),
        Case(
            "null for what is not there", [#"{"desired":{"a":1}}"#, #"{"desired":{"b":null,"c":{"d":null}},"reported":{"e":null}}"#],
            #"{"desired":{"a":1,"c":{}}}"#, #"{"desired":{"a":@1,"c":{}}}"#),
        Case(
            "null further in", [#"{"desired":{"a":{"b":1,"c":{"d":2,"e":3}}}}"#, #"{"desired":{"a":{"c":{"d":null}}}}"#],
            #"{"desired":{"a":{"b":1,"c":{"e":3}}}}"#, #"{"desired":{"a":{"b":@1,"c":{"e":@1}}}}"#),
        Case(
            "the last key takes its section with it", [#"{"desired":{"a":1},"reported":{"a":1}}"#, #"{"desired":{"a":null}}"#],
            #"{"reported":{"a":1}}"#, #"{"reported":{"a":@1}}"#),
        Case("an empty section is none", [#"{"desired":{}}"#], "{}", "{}"),
        Case("a new section of nulls is none", [#"{"desired":{"a":null}}"#], "{}", "{}"),
        Case("an empty object is a value", [#"{"desired":{"d":{}}}"#], #"{"desired":{"d":{}}}"#, #"{"desired":{"d":{}}}"#),
        Case(
            "an object that lost its keys is empty", [#"{"desired":{"a":{"b":1}}}"#, #"{"desired":{"a":{"b":null}}}"#],
            #"{"desired":{"a":{}}}"#, #"{"desired":{"a":{}}}"#),
        Case(
            "null removes a section", [#"{"desired":{"a":1},"reported":{"b":2}}"#, #"{"desired":null,"reported":{"b":3}}"#],
            #"{"reported":{"b":3}}"#, #"{"reported":{"b":@2}}"#),
        Case("a null state removes both", [#"{"desired":{"a":1},"reported":{"b":2}}"#, "null"], "{}", "{}"),
        Case(
            "a section that was removed begins anew", [#"{"desired":{"a":1,"b":2}}"#, #"{"desired":null}"#, #"{"desired":{"b":3}}"#],
            #"{"desired":{"b":3}}"#, #"{"desired":{"b":@3}}"#),
    ]

    private static let replacements: [Case] = [
        Case(
            "object by scalar", [#"{"desired":{"a":{"b":1}}}"#, #"{"desired":{"a":2}}"#], #"{"desired":{"a":2}}"#,
            #"{"desired":{"a":@2}}"#),
        Case(
            "scalar by object", [#"{"desired":{"a":2}}"#, #"{"desired":{"a":{"b":1}}}"#], #"{"desired":{"a":{"b":1}}}"#,
            #"{"desired":{"a":{"b":@2}}}"#),
        Case(
            "scalar by object with nulls", [#"{"desired":{"a":2}}"#, #"{"desired":{"a":{"b":null}}}"#], #"{"desired":{"a":{}}}"#,
            #"{"desired":{"a":{}}}"#),
        Case(
            "object by array", [#"{"desired":{"a":{"b":1}}}"#, #"{"desired":{"a":[1,2]}}"#], #"{"desired":{"a":[1,2]}}"#,
            #"{"desired":{"a":[@2,@2]}}"#),
        Case(
            "array by object", [#"{"desired":{"a":[1,2]}}"#, #"{"desired":{"a":{"b":1}}}"#], #"{"desired":{"a":{"b":1}}}"#,
            #"{"desired":{"a":{"b":@2}}}"#),
        Case(
            "an object with a key `timestamp` is no stamp", [#"{"desired":{"a":{"timestamp":9}}}"#, #"{"desired":{"a":{"b":1}}}"#],
            #"{"desired":{"a":{"timestamp":9,"b":1}}}"#, #"{"desired":{"a":{"timestamp":@1,"b":@2}}}"#),
        Case(
            "a number by the same number of another kind", [#"{"desired":{"a":1}}"#, #"{"desired":{"a":1.0}}"#],
            #"{"desired":{"a":1.0}}"#, #"{"desired":{"a":@2}}"#),
    ]

    private static let orders: [Case] = [
        Case(
            "a changed key keeps its place", [#"{"desired":{"z":1,"a":{"y":1,"b":1},"m":1}}"#, #"{"desired":{"m":2,"a":{"b":2},"z":2}}"#],
            #"{"desired":{"z":2,"a":{"y":1,"b":2},"m":2}}"#, #"{"desired":{"z":@2,"a":{"y":@1,"b":@2},"m":@2}}"#),
        Case(
            "a key that was removed comes back last", [#"{"desired":{"a":1,"b":2}}"#, #"{"desired":{"a":null}}"#, #"{"desired":{"a":3}}"#],
            #"{"desired":{"b":2,"a":3}}"#, #"{"desired":{"b":@1,"a":@3}}"#),
    ]

    @Test func manyKeysKeepTheirOrder() throws {
        let keys = (0..<100).map { "k\(($0 * 37) % 100)" }
        let all = keys.map { #""\#($0)":0"# }.joined(separator: ",")
        let odd = keys.enumerated().filter { $0.offset % 2 == 1 }.map { #""\#($0.element)":null"# }.joined(separator: ",")
        let document = try ShadowDocument.after([#"{"reported":{\#(all)}}"#, #"{"reported":{\#(odd)}}"#])
        let expected = keys.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
        #expect(document.reported?.state.keys == expected)
        #expect(document.reported?.metadata.keys == expected)
    }

    @Test(
        "Numbers come back as they were sent",
        arguments: [
            "1", "1.0", "-0.10", "0.000001", "9007199254740993", "-9223372036854775808", "18446744073709551616",
            "1234567890123456789012345678901234", "0.1234567890123456789012345678901234", "1e400", "-1.50e-400",
        ]) func keepsNumbers(number: String) throws
    {
        let document = try ShadowDocument.after([#"{"desired":{"a":\#(number),"b":[\#(number)]}}"#])
        #expect(document.state.description == #"{"desired":{"a":\#(number),"b":[\#(number)]}}"#)
        let stored = try JSONValue(parsing: document.state.description)
        #expect(stored.serialized() == document.state.description)
    }

    /// A document goes on from what was stored of it.
    @Test func continuesAfterStorage() throws {
        let before = try ShadowDocument.after([#"{"desired":{"a":[1,{"b":2}],"c":{"d":{}}},"reported":{"e":1.0}}"#])
        let after = ShadowDocument(
            state: try JSONValue(parsing: before.state.description), metadata: try JSONValue(parsing: before.metadata.description),
            version: before.version, timestamp: before.timestamp)
        #expect(after == before)
        #expect(ShadowDocument.blank(version: 7).applying(try ShadowChange(#"{"state":{}}"#), at: 9).version == 8)
    }
}
