import AWSAPI
import JSON
import Testing

@testable import Shadows

/// The fields of each message, all of them and no others.
@Suite struct ShadowMessagesTests {
    private static func stored(_ document: ShadowDocument) -> StoredShadow {
        StoredShadow(
            state: JSONValue.object(document.state).serializedBytes(), metadata: JSONValue.object(document.metadata).serializedBytes(),
            delta: document.delta.map { JSONValue.object($0.state).serializedBytes() }, version: document.version,
            timestamp: document.timestamp)
    }

    @Test(
        arguments: [
            (["{}"], nil, #"{"state":{},"metadata":{},"version":1,"timestamp":1}"#),
            (["{}"], "t", #"{"state":{},"metadata":{},"version":1,"timestamp":1,"clientToken":"t"}"#),
            (
                [#"{"reported":{"a":1.0}}"#], #"""#,
                #"{"state":{"reported":{"a":1.0}},"metadata":{"reported":{"a":{"timestamp":1}}},"version":1,"timestamp":1,"clientToken":"\""}"#
            ),
            (
                [#"{"desired":{"a":1}}"#, #"{"reported":{"b":2}}"#], nil,
                #"{"state":{"desired":{"a":1},"reported":{"b":2},"delta":{"a":1}},"#
                    + #""metadata":{"desired":{"a":{"timestamp":1}},"reported":{"b":{"timestamp":2}}},"version":2,"timestamp":2}"#
            ),
            (
                [#"{"desired":{"a":1},"reported":{"a":1}}"#], nil,
                #"{"state":{"desired":{"a":1},"reported":{"a":1}},"metadata":{"desired":{"a":{"timestamp":1}},"#
                    + #""reported":{"a":{"timestamp":1}}},"version":1,"timestamp":1}"#
            ),
        ] as [([String], String?, String)]) func document(states: [String], token: String?, text: String) throws
    {
        let bytes = ShadowMessages.document(Self.stored(try .after(states)), clientToken: token)
        #expect(String(decoding: bytes, as: UTF8.self) == text)
        _ = try JSONValue(parsing: bytes)
    }

    @Test(
        arguments: [
            (#"{"state":{}}"#, #"{"state":{},"metadata":{},"version":4,"timestamp":9}"#),
            (
                #"{"state":{"desired":{"a":1,"b":null}},"clientToken":"t","version":3}"#,
                #"{"state":{"desired":{"a":1,"b":null}},"metadata":{"desired":{"a":{"timestamp":9}}},"version":4,"timestamp":9,"#
                    + #""clientToken":"t"}"#
            ),
            (
                #"{"state":{"reported":{"a":{"b":null,"c":[1,{"d":2}]}},"desired":null}}"#,
                #"{"state":{"reported":{"a":{"b":null,"c":[1,{"d":2}]}},"desired":null},"#
                    + #""metadata":{"desired":{"timestamp":9},"reported":{"a":{"c":[{"timestamp":9},{"d":{"timestamp":9}}]}}},"#
                    + #""version":4,"timestamp":9}"#
            ),
            (#"{"state":null}"#, #"{"state":null,"metadata":{"timestamp":9},"version":4,"timestamp":9}"#),
        ]) func accepted(request: String, text: String) throws
    {
        #expect(ShadowMessages.accepted(try ShadowChange(request), version: 4, timestamp: 9).description == text)
    }

    @Test(
        arguments: [
            (nil, #"{"version":2,"timestamp":2,"state":{"a":1},"metadata":{"a":{"timestamp":1}}}"#),
            ("t", #"{"version":2,"timestamp":2,"state":{"a":1},"metadata":{"a":{"timestamp":1}},"clientToken":"t"}"#),
        ] as [(String?, String)]) func delta(token: String?, text: String) throws
    {
        let document = try ShadowDocument.after([#"{"desired":{"a":1,"b":2}}"#, #"{"reported":{"b":2}}"#])
        let delta = try #require(document.delta)
        #expect(ShadowMessages.delta(delta, of: document, clientToken: token).description == text)
    }

    @Test(arguments: [nil, "t"]) func documents(token: String?) throws {
        let first = try ShadowDocument.after([#"{"desired":{"a":1}}"#])
        let blank = ShadowMessages.documents(previous: .blank(version: 0), current: first, clientToken: token)
        let ending = token.map { #","clientToken":"\#($0)"}"# } ?? "}"
        #expect(
            blank.description == #"{"previous":{"state":{},"metadata":{},"version":0},"current":{"state":{"desired":{"a":1}},"#
                + #""metadata":{"desired":{"a":{"timestamp":1}}},"version":1},"timestamp":1"# + ending)
        let second = first.applying(try ShadowChange(#"{"state":null}"#), at: 5)
        #expect(
            ShadowMessages.documents(previous: first, current: second, clientToken: token).description
                == #"{"previous":{"state":{"desired":{"a":1}},"metadata":{"desired":{"a":{"timestamp":1}}},"version":1},"#
                + #""current":{"state":{},"metadata":{},"version":2},"timestamp":5"# + ending)
    }

    @Test func deleted() {
        #expect(ShadowMessages.deleted(version: 3, timestamp: 9, clientToken: nil).description == #"{"version":3,"timestamp":9}"#)
        #expect(
            ShadowMessages.deleted(version: 3, timestamp: 9, clientToken: "t").description
                == #"{"version":3,"timestamp":9,"clientToken":"t"}"#)
    }

    @Test(
        arguments: [
            (ShadowProblem.versionConflict, nil, #"{"code":409,"message":"Version conflict","timestamp":9}"#),
            (.noShadow(named: "n"), "t", #"{"code":404,"message":"No shadow exists with name: 'n'","timestamp":9,"clientToken":"t"}"#),
        ] as [(ShadowProblem, String?, String)]) func rejected(problem: ShadowProblem, token: String?, text: String)
    {
        #expect(ShadowMessages.rejected(problem, timestamp: 9, clientToken: token).description == text)
    }

    /// Texts that clients compare (AWS IoT: shadow error messages).
    @Test func problems() {
        let texts = [
            ShadowProblem.thingNotFound: "404 Thing not found", .tooLarge: "413 The payload exceeds the maximum size allowed",
            .unsupportedEncoding: "415 Unsupported documented encoding; supported encoding is UTF-8",
            .internalFailure: "500 Internal service failure", .tooManyRequests: "429 Too many requests",
        ]
        for (problem, text) in texts { #expect("\(problem.code) \(problem.message)" == text) }
    }

    /// The same as exceptions of the API (AWS IoT data plane: `iot-data` errors).
    @Test(
        arguments: [
            (ShadowProblem.invalidJSON, "InvalidRequestException"), (.noShadow(named: "t"), "ResourceNotFoundException"),
            (.versionConflict, "ConflictException"), (.tooLarge, "RequestEntityTooLargeException"),
            (.unsupportedEncoding, "UnsupportedDocumentEncodingException"), (.tooManyRequests, "ThrottlingException"),
            (.internalFailure, "InternalFailureException"),
        ]) func exceptions(problem: ShadowProblem, name: String)
    {
        let error = problem.asAWSError(timestamp: 9, clientToken: "t")
        #expect(error.name == name && error.status == problem.code && error.message == problem.message)
    }
}
