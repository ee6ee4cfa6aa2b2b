import JSON
import Storage
import Testing

@testable import Shadows

/// What is said on topics, and to whom.
@Suite struct ShadowServiceTests {
    private static let key = ShadowKey(thing: "t")

    private static func short(_ message: ShadowWatcher.Message) -> String {
        message.topic.replacing("$aws/things/t/shadow", with: "") + " " + message.text
    }

    @Test func answersOnTopics() async throws {
        try await ShadowHouse.run { house in
            try await house.publish("$aws/things/t/shadow/get", "")
            try await house.publish("$aws/things/t/shadow/update", #"{"state":{"desired":{"a":1}},"clientToken":"x"}"#)
            house.clock.advance(by: 1)
            try await house.publish("$aws/things/t/shadow/update", #"{"state":{"reported":{"a":1}}}"#)
            try await house.publish("$aws/things/t/shadow/get", #"{"clientToken":"y"}"#)
            try await house.publish("$aws/things/t/shadow/delete", "not JSON")
            try await house.publish("$aws/things/t/shadow/delete", #"{"clientToken":"z"}"#)
            let answers = await house.messages().map(Self.short)
            let first = #"{"state":{"desired":{"a":1}},"metadata":{"desired":{"a":{"timestamp":1000}}},"version":1}"#
            let second =
                #"{"state":{"desired":{"a":1},"reported":{"a":1}},"metadata":{"desired":{"a":{"timestamp":1000}},"#
                + #""reported":{"a":{"timestamp":1001}}},"version":2"#
            #expect(
                answers == [
                    #"/get/rejected {"code":404,"message":"No shadow exists with name: 't'","timestamp":1000}"#,
                    #"/update/delta {"version":1,"timestamp":1000,"state":{"a":1},"metadata":{"a":{"timestamp":1000}},"clientToken":"x"}"#,
                    #"/update/documents {"previous":{"state":{},"metadata":{},"version":0},"current":\#(first),"#
                        + #""timestamp":1000,"clientToken":"x"}"#,
                    #"/update/accepted {"state":{"desired":{"a":1}},"metadata":{"desired":{"a":{"timestamp":1000}}},"#
                        + #""version":1,"timestamp":1000,"clientToken":"x"}"#,
                    #"/update/documents {"previous":\#(first),"current":\#(second)},"timestamp":1001}"#,
                    #"/update/accepted {"state":{"reported":{"a":1}},"metadata":{"reported":{"a":{"timestamp":1001}}},"#
                        + #""version":2,"timestamp":1001}"#,
                    #"/get/accepted \#(second),"timestamp":1001,"clientToken":"y"}"#,
                    #"/delete/accepted {"version":2,"timestamp":1001}"#,
                    #"/delete/rejected {"code":404,"message":"No shadow exists with name: 't'","timestamp":1001,"clientToken":"z"}"#,
                ])
        }
    }

    @Test(
        arguments: [
            ("$aws/things/t/shadow/update", "x", #"{"code":400,"message":"Invalid JSON","timestamp":1000}"#),
            (
                "$aws/things/t/shadow/update", #"{"clientToken":"c"}"#,
                #"{"code":400,"message":"Missing required node: state","timestamp":1000,"clientToken":"c"}"#
            ),
            ("$aws/things/t/shadow/update", #"{"state":{},"version":9}"#, #"{"code":409,"message":"Version conflict","timestamp":1000}"#),
            ("$aws/things/t/shadow/get", "x", #"{"code":400,"message":"Invalid JSON","timestamp":1000}"#),
            (
                "$aws/things/t/shadow/name/n/get", #"{"clientToken":"c"}"#,
                #"{"code":404,"message":"No shadow exists with name: 'n'","timestamp":1000,"clientToken":"c"}"#
            ),
            ("$aws/things/t/shadow/name/n/delete", "", #"{"code":404,"message":"No shadow exists with name: 'n'","timestamp":1000}"#),
            ("$aws/things/t t/shadow/get", "", #"{"code":400,"message":"Invalid thing name","timestamp":1000}"#),
            ("$aws/things/../shadow/update", #"{"state":{}}"#, #"{"code":400,"message":"Invalid thing name","timestamp":1000}"#),
            ("$aws/things/t/shadow/name/../update", #"{"state":{}}"#, #"{"code":400,"message":"Invalid shadow name","timestamp":1000}"#),
            ("$aws/things/t/shadow/name//update", #"{"state":{}}"#, #"{"code":400,"message":"Invalid shadow name","timestamp":1000}"#),
        ]) func rejectsOnTopics(topic: String, payload: String, answer: String) async throws
    {
        try await ShadowHouse.run { house in
            try await house.publish(topic, payload)
            let messages = await house.messages()
            #expect(messages.map(\.topic) == [topic + "/rejected"])
            #expect(messages.last?.text == answer)
        }
    }

    /// The publisher of a request over HTTP has its answer there: topics hear of changes and of nothing else.
    @Test func announcesChangesOfOthers() async throws {
        try await ShadowHouse.run { house in
            #expect(await house.call(.get, Self.key).problem?.code == 404)
            #expect(try await house.call(.update(state: "{}", version: 4), Self.key).problem?.code == 409)
            #expect(await house.call(.delete, Self.key).problem?.code == 404)
            #expect(await house.messages().isEmpty)
            try await house.call(.update(state: #"{"desired":{"a":1}}"#), Self.key)
            await house.call(.get, Self.key)
            await house.call(.delete, Self.key)
            let topics = await house.messages().map { $0.topic.replacing("$aws/things/t/shadow/", with: "") }
            #expect(topics == ["update/delta", "update/documents", "update/accepted", "delete/accepted"])
        }
    }

    @Test func otherRoomsReadDocuments() async throws {
        try await ShadowHouse.run { house in
            #expect(try await house.service.document(of: Self.key) == nil)
            try await house.call(.update(state: #"{"reported":{"a":1}}"#), Self.key)
            let text = String(decoding: try #require(try await house.service.document(of: Self.key)), as: UTF8.self)
            #expect(
                text == #"{"state":{"reported":{"a":1}},"metadata":{"reported":{"a":{"timestamp":1000}}},"version":1,"timestamp":1000}"#)
            house.store.behave(.refused(.closed))
            await #expect(throws: ShadowProblem.internalFailure) { try await house.service.document(of: Self.key) }
        }
    }
}
