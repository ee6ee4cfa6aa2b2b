import AWSAPI
import Foundation
import JSON

/// What a publisher hands over (SNS Publish, and an entry of PublishBatch).
struct SNSMessage: Sendable {
    /// Bytes of one message, and of all messages of a batch.
    static let maxBytes = 256 << 10
    static let maxSubjectCharacters = 100

    let id: String
    let message: String
    let subject: String?
    /// The text for each protocol; nil when all get the same.
    let structure: JSONObject?
    let attributes: SQSMessageAttributes

    /// - Throws: InvalidParameter.
    init(_ input: OperationInput) throws(AWSError) {
        self.id = UUID().uuidString.lowercased()
        self.message = try input.optionalString("Message") ?? ""
        guard !self.message.isEmpty else { throw .snsParameter("Empty message") }
        guard self.message.utf8.count <= Self.maxBytes else { throw .snsParameter("Message too long") }
        self.subject = try input.optionalString("Subject")
        if let subject, !(1...Self.maxSubjectCharacters).contains(subject.count) { throw .snsParameter("Subject") }
        for name in ["MessageGroupId", "MessageDeduplicationId"] where try input.optionalString(name) != nil {
            throw .snsParameter("The \(name) parameter is for FIFO topics, which are not supported by Roost")
        }
        switch try input.optionalString("MessageStructure") {
        case nil: self.structure = nil
        case "json": self.structure = try Self.structure(self.message)
        case .some: throw .snsParameter("MessageStructure")
        }
        do throws(AWSError) {
            self.attributes = try SQSMessageAttributes(try input.optionalObject("MessageAttributes"))
        } catch {
            throw .snsParameter(error.message)
        }
    }

    private static func structure(_ text: String) throws(AWSError) -> JSONObject {
        guard case .object(let object)? = try? JSONValue(parsing: text) else {
            throw .snsParameter("Message Structure - JSON message body failed to parse")
        }
        guard object["default"]?.stringValue != nil else {
            throw .snsParameter("Message Structure - No default entry in JSON message body")
        }
        return object
    }

    /// The text for subscribers of a protocol.
    func text(for kind: SNSSubscription.Kind) -> String {
        self.structure?[kind.rawValue]?.stringValue ?? self.structure?["default"]?.stringValue ?? self.message
    }

    /// What subscribers get without raw delivery. It has no signature: that would have to be AWS's.
    ///
    /// - Parameter time: milliseconds since 1970.
    func envelope(for kind: SNSSubscription.Kind, topicARN: String, at time: Int64) -> JSONObject {
        // The format cuts off what is below a millisecond: half of one keeps the fraction's rounding out of the text.
        let date = Date(timeIntervalSince1970: (Double(time) + 0.5) / 1_000)
        var object: JSONObject = [
            "Type": "Notification", "MessageId": .string(self.id), "TopicArn": .string(topicARN), "Message": .string(self.text(for: kind)),
            "Timestamp": .string(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))),
        ]
        if let subject { object["Subject"] = .string(subject) }
        if !self.attributes.values.isEmpty {
            let attributes = self.attributes.json.map { name, value in
                (
                    name,
                    JSONValue.object(["Type": value["DataType"] ?? .null, "Value": value["StringValue"] ?? value["BinaryValue"] ?? .null])
                )
            }
            object["MessageAttributes"] = .object(JSONObject(attributes))
        }
        return object
    }

    /// What a function gets (Lambda, "Using AWS Lambda with Amazon SNS").
    ///
    /// - Parameter time: milliseconds since 1970.
    func event(topicARN: String, subscriptionARN: String, at time: Int64) -> JSONObject {
        [
            "Records": [
                [
                    "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": .string(subscriptionARN),
                    "Sns": .object(self.envelope(for: .lambda, topicARN: topicARN, at: time)),
                ]
            ]
        ]
    }

    /// - Parameter time: milliseconds since 1970.
    func record(at time: Int64) -> TargetRecord {
        var attributes: JSONObject = [:]
        if let subject { attributes["subject"] = .string(subject) }
        if self.structure != nil { attributes["messageStructure"] = "json" }
        if !self.attributes.values.isEmpty { attributes["messageAttributes"] = .object(self.attributes.json) }
        return TargetRecord(key: self.id, time: time, attributes: attributes, body: Array(self.message.utf8))
    }
}
