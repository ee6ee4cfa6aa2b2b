import JSON
import Testing

@testable import Shadows

@Suite struct ShadowDeltaTests {
    @Test(
        arguments: [
            // Nothing to tell.
            ("", "", nil), ("", #"{"a":1}"#, nil), (#"{"a":1}"#, #"{"a":1}"#, nil), (#"{"a":1}"#, #"{"b":2,"a":1}"#, nil),
            (#"{"a":{"b":1}}"#, #"{"a":{"c":2,"b":1}}"#, nil), (#"{"a":{}}"#, #"{"a":{"b":1}}"#, nil), (#"{"a":{}}"#, #"{"a":{}}"#, nil),
            (#"{"a":[]}"#, #"{"a":[]}"#, nil), (#"{"a":[1,{"b":[2]}]}"#, #"{"a":[1,{"b":[2]}]}"#, nil),
            // Not reported, or reported as something else.
            (#"{"a":1,"b":{"c":2}}"#, "", #"{"a":1,"b":{"c":2}}"#), (#"{"a":{}}"#, "", #"{"a":{}}"#), (#"{"a":[]}"#, "", #"{"a":[]}"#),
            (#"{"a":1}"#, #"{"b":1}"#, #"{"a":1}"#), (#"{"a":1}"#, #"{"a":2}"#, #"{"a":1}"#), (#"{"a":1}"#, #"{"a":"1"}"#, #"{"a":1}"#),
            (#"{"a":true}"#, #"{"a":1}"#, #"{"a":true}"#), (#"{"a":{"b":1}}"#, #"{"a":1}"#, #"{"a":{"b":1}}"#),
            (#"{"a":1}"#, #"{"a":{"b":1}}"#, #"{"a":1}"#), (#"{"a":{}}"#, #"{"a":[]}"#, #"{"a":{}}"#),
            // Only what differs, in its objects, in desired's order.
            (#"{"z":{"y":1,"x":2},"a":3,"b":4}"#, #"{"a":3,"z":{"x":2}}"#, #"{"z":{"y":1},"b":4}"#),
            (#"{"a":{"b":{"c":1,"d":2}}}"#, #"{"a":{"b":{"c":1,"d":3}}}"#, #"{"a":{"b":{"d":2}}}"#),
            (#"{"a":{"b":{"c":1}},"d":{"e":1}}"#, #"{"a":{"b":{"c":1}},"d":{"e":2}}"#, #"{"d":{"e":1}}"#),
            // Arrays whole.
            (#"{"a":[1,2,3]}"#, #"{"a":[1,2,4]}"#, #"{"a":[1,2,3]}"#), (#"{"a":[1]}"#, #"{"a":[1,2]}"#, #"{"a":[1]}"#),
            (#"{"a":[1,2]}"#, #"{"a":[2,1]}"#, #"{"a":[1,2]}"#), (#"{"a":[{"b":1}]}"#, #"{"a":[{"b":1,"c":2}]}"#, #"{"a":[{"b":1}]}"#),
            (#"{"a":[{"b":1,"c":2}]}"#, #"{"a":[{"c":2,"b":1}]}"#, nil),
            // Numbers by value, texts by scalar.
            (#"{"a":1,"b":[2]}"#, #"{"a":1.0,"b":[2.00]}"#, nil), (#"{"a":1e3}"#, #"{"a":1000}"#, nil), (#"{"a":0}"#, #"{"a":-0.0}"#, nil),
            (#"{"a":9007199254740993}"#, #"{"a":9007199254740992}"#, #"{"a":9007199254740993}"#),
            (
                #"{"a":1234567890123456789012345678901234}"#, #"{"a":1234567890123456789012345678901235}"#,
                #"{"a":1234567890123456789012345678901234}"#
            ),
            (#"{"a":0.10}"#, #"{"a":0.1000000000000000000001}"#, #"{"a":0.10}"#),
            (#"{"a":"\u00e9"}"#, #"{"a":"e\u0301"}"#, #"{"a":"\#u{E9}"}"#),
        ] as [(String, String, String?)]) func differs(desired: String, reported: String, delta: String?) throws
    {
        let delta = delta.map { $0 }
        let found = ShadowDelta(desired: try .of(desired), reported: try .of(reported))
        #expect(found?.state.description == delta)
    }

    @Test func hasTheStampsOfDesired() throws {
        let document = try ShadowDocument.after([
            #"{"desired":{"a":1,"b":{"c":2,"d":[1,{"e":{}}]},"f":0}}"#, #"{"desired":{"a":3}}"#,
            #"{"reported":{"a":2,"b":{"c":2},"f":0.0}}"#,
        ])
        #expect(document.delta?.state.description == #"{"a":3,"b":{"d":[1,{"e":{}}]}}"#)
        #expect(document.delta?.metadata.description == #"{"a":{"timestamp":2},"b":{"d":[{"timestamp":1},{"e":{}}]}}"#)
    }

    /// A delta goes away by being reported.
    @Test func vanishesWhenReported() throws {
        let wish = #"{"a":{"b":[1,2],"c":{"d":1.50}},"e":{}}"#
        #expect(try ShadowDocument.after([#"{"desired":\#(wish)}"#]).delta != nil)
        #expect(try ShadowDocument.after([#"{"desired":\#(wish)}"#, #"{"reported":\#(wish)}"#]).delta == nil)
        #expect(try ShadowDocument.after([#"{"desired":\#(wish)}"#, #"{"desired":null}"#]).delta == nil)
    }
}
