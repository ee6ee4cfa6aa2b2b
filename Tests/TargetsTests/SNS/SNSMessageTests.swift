import AWSAPI
import JSON
import Testing

@testable import Targets

@Suite("Messages of the embedded SNS")
struct SNSMessageTests {
    private static func message(_ object: JSONObject) throws -> SNSMessage { try SNSMessage(.nested(object)) }

    @Test("subscribers get the text of their protocol")
    func structure() throws {
        let message = try Self.message(["Message": #"{"default": "d", "sqs": "q", "http": 1}"#, "MessageStructure": "json"])
        #expect(message.text(for: .sqs) == "q")
        #expect(message.text(for: .lambda) == "d")
        #expect(try Self.message(["Message": #"{"default": "d"}"#]).text(for: .sqs) == #"{"default": "d"}"#)
    }

    @Test("an envelope says what the message is")
    func envelope() throws {
        let message = try Self.message(["Message": "a\"b", "Subject": "s"])
        let envelope = message.envelope(for: .sqs, topicARN: "arn", at: 1_700_000_000_123)
        #expect(
            envelope == [
                "Type": "Notification", "MessageId": .string(message.id), "TopicArn": "arn", "Message": "a\"b", "Subject": "s",
                "Timestamp": "2023-11-14T22:13:20.123Z",
            ])
    }

    @Test(
        "what SNS does not take is refused",
        arguments: [
            [:], ["Message": ""], ["Message": "x", "Subject": ""], ["Message": "x", "MessageStructure": "xml"],
            ["Message": "[]", "MessageStructure": "json"], ["Message": #"{"default": 1}"#, "MessageStructure": "json"],
            ["Message": "x", "MessageGroupId": "g"], ["Message": "x", "MessageAttributes": ["a": "b"]],
            ["Message": .string(String(repeating: "x", count: SNSMessage.maxBytes + 1))],
        ] as [JSONObject])
    func refused(_ object: JSONObject) {
        #expect(throws: AWSError.self) { try Self.message(object) }
    }
}
