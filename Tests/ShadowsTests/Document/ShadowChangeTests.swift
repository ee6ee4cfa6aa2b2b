import JSON
import Testing

@testable import Shadows

/// What a request may be (AWS IoT: request and response documents of shadows).
@Suite struct ShadowChangeTests {
    @Test(
        arguments: [
            (#"{"state":{}}"#, "-", "-"),
            (#"{"state":null}"#, "removed", "removed"),
            (#"{"state":{"desired":null}}"#, "removed", "-"),
            (#"{"state":{"desired":{"a":1},"reported":null}}"#, #"{"a":1}"#, "removed"),
            (#"{"state":{"desired":{},"reported":{"a":null}}}"#, "{}", #"{"a":null}"#),
            (#"{"state":{"reported":{"a.b":{"":[1,[true,{"c":"d"}]]}}}}"#, "-", #"{"a.b":{"":[1,[true,{"c":"d"}]]}}"#),
            // The last of a key that comes twice counts.
            (#"{"state":1,"state":{"desired":{"a":1,"b":2,"a":3}}}"#, #"{"a":3,"b":2}"#, "-"),
            // What is not known beside the state says nothing.
            (#" {"other":[null],"state":{"desired":{"a":"\u00e9"}}} "#, #"{"a":"é"}"#, "-"),
        ]) func takesSections(text: String, desired: String, reported: String) throws
    {
        let change = try ShadowChange(text)
        #expect(Self.describe(change.desired) == desired)
        #expect(Self.describe(change.reported) == reported)
        #expect(change.version == nil && change.clientToken == nil)
        #expect(change.byteCount == text.utf8.count)
    }

    private static func describe(_ part: ShadowChange.Part) -> String {
        switch part {
        case .untouched: "-"
        case .removed: "removed"
        case .merged(let object): object.description
        }
    }

    @Test(
        arguments: [
            (#""version":7,"clientToken":"t""#, Int64(7), "t"),
            (#""version":0,"clientToken":"""#, 0, ""),
            (#""version":null,"clientToken":null"#, nil, nil),
            (#""version":9223372036854775807"#, .max, nil),
            // A whole number is one however it is written.
            (#""version":2.0"#, 2, nil), (#""version":3e2"#, 300, nil),
        ] as [(String, Int64?, String?)]) func takesVersionAndToken(members: String, version: Int64?, token: String?) throws
    {
        let change = try ShadowChange(#"{"state":{},\#(members)}"#)
        #expect(change.version == version)
        #expect(change.clientToken == token)
    }

    @Test(
        arguments: [
            ("", "Invalid JSON"), ("{", "Invalid JSON"), ("[]", "Invalid JSON"), ("null", "Invalid JSON"), ("5", "Invalid JSON"),
            (#"{"state":{}} x"#, "Invalid JSON"), (#"{'state':{}}"#, "Invalid JSON"), (#"{"state":{"desired":{"a":01}}}"#, "Invalid JSON"),
            (#"{"state":{"desired":{"a":1e9999}}}"#, "Invalid JSON"), (#"{"state":{"desired":{"a":"\ud800"}}}"#, "Invalid JSON"),
            ("{}", "Missing required node: state"), (#"{"State":{}}"#, "Missing required node: state"),
            (#"{"state":1}"#, "State node must be an object"), (#"{"state":"x"}"#, "State node must be an object"),
            (#"{"state":[]}"#, "State node must be an object"), (#"{"state":false}"#, "State node must be an object"),
            (#"{"state":{"desired":1}}"#, "Desired node must be an object"),
            (#"{"state":{"desired":[{}]}}"#, "Desired node must be an object"),
            (#"{"state":{"desired":"","reported":""}}"#, "Desired node must be an object"),
            (#"{"state":{"reported":true}}"#, "Reported node must be an object"),
            (#"{"state":{"desired":{},"reported":[]}}"#, "Reported node must be an object"),
            (#"{"state":{"delta":{}}}"#, "State contains an invalid node"),
            (#"{"state":{"Desired":{},"desired":{}}}"#, "State contains an invalid node"),
            (#"{"state":{"desired":{"a":[null]}}}"#, "State contains an invalid node"),
            (#"{"state":{"desired":{"a":[1,[2,null]]}}}"#, "State contains an invalid node"),
            (#"{"state":{"reported":{"a":{"b":[{"c":{"d":null}}]}}}}"#, "State contains an invalid node"),
            (#"{"state":{},"version":"1"}"#, "Invalid version"), (#"{"state":{},"version":1.5}"#, "Invalid version"),
            (#"{"state":{},"version":-1}"#, "Invalid version"), (#"{"state":{},"version":true}"#, "Invalid version"),
            (#"{"state":{},"version":{}}"#, "Invalid version"),
            (#"{"state":{},"version":9223372036854775808}"#, "Invalid version"),
            (#"{"state":{},"clientToken":1}"#, "Invalid clientToken"), (#"{"state":{},"clientToken":{}}"#, "Invalid clientToken"),
            (#"{"clientToken":["t"]}"#, "Invalid clientToken"),
        ]) func refuses(text: String, message: String)
    {
        let refusal = #expect(throws: ShadowChange.Refusal.self) { try ShadowChange(text) }
        #expect(refusal?.problem == ShadowProblem(code: 400, message: message))
        #expect(refusal?.clientToken == nil)
    }

    @Test(
        "The answer to a bad request has the token of the request",
        arguments: [
            #"{"clientToken":"t"}"#, #"{"state":5,"clientToken":"t"}"#, #"{"clientToken":"t","state":{"desired":[]}}"#,
            #"{"state":{},"version":"x","clientToken":"t"}"#, #"{"state":{"desired":{"a":[null]}},"clientToken":"t"}"#,
        ]) func keepsToken(text: String)
    {
        let refusal = #expect(throws: ShadowChange.Refusal.self) { try ShadowChange(text) }
        #expect(refusal?.clientToken == "t")
    }

    @Test func refusesOtherEncodings() {
        // Latin-1, and UTF-16 with its mark.
        for bytes in [Array(#"{"state":{"desired":{"a":""#.utf8) + [0xE9] + Array(#""}}}"#.utf8), [0xFF, 0xFE, 0x7B, 0x00]] {
            let refusal = #expect(throws: ShadowChange.Refusal.self) { try ShadowChange(parsing: bytes, limits: .aws) }
            #expect([415, 400].contains(refusal?.problem.code))
        }
        let latin = #expect(throws: ShadowChange.Refusal.self) {
            try ShadowChange(parsing: Array(#"{"state":{"reported":{""#.utf8) + [0xE9] + Array(#"":1}}}"#.utf8), limits: .aws)
        }
        #expect(latin?.problem == .unsupportedEncoding)
    }

    @Test func tellsWhatTouchesTheState() throws {
        for untouching in ["{}", #"{"desired":{}}"#, #"{"desired":{},"reported":{}}"#] {
            #expect(try !ShadowChange(#"{"state":\#(untouching)}"#).touchesState)
        }
        for touching in ["null", #"{"desired":null}"#, #"{"reported":{"a":null}}"#, #"{"desired":{"a":{}}}"#] {
            #expect(try ShadowChange(#"{"state":\#(touching)}"#).touchesState)
        }
    }

    // MARK: Requests without a state

    @Test(
        arguments: [
            ("", nil), ("{}", nil), (#"{"clientToken":"t"}"#, "t"), (#"{"clientToken":null,"state":5}"#, nil),
        ] as [(String, String?)]) func readsTokens(payload: String, token: String?) throws
    {
        for isStrict in [true, false] {
            #expect(try ShadowChange.token(in: Array(payload.utf8), isStrict: isStrict, limits: .aws) == token)
        }
    }

    @Test(
        arguments: [
            ("x", ShadowProblem.invalidJSON), ("[]", .invalidJSON), (#"{"clientToken":5}"#, .invalidClientToken),
        ]) func refusesPayloadsOfGets(payload: String, problem: ShadowProblem) throws
    {
        let refusal = #expect(throws: ShadowChange.Refusal.self) {
            try ShadowChange.token(in: Array(payload.utf8), isStrict: true, limits: .aws)
        }
        #expect(refusal?.problem == problem)
        #expect(try ShadowChange.token(in: Array(payload.utf8), isStrict: false, limits: .aws) == nil)
    }
}
