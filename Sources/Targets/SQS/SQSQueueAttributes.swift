import AWSAPI
import Foundation
import JSON

/// What can be set of a queue (SQS SetQueueAttributes), as texts like in the API.
struct SQSQueueAttributes: Sendable, Hashable {
    /// Past this many receives without delete a message moves to another queue.
    struct Redrive: Sendable, Hashable {
        let deadLetterQueue: String
        let maxReceives: Int
    }

    private struct Number {
        let standard: Int
        let range: ClosedRange<Int>
    }

    private static let numbers: [String: Number] = [
        "VisibilityTimeout": Number(standard: 30, range: 0...43_200),
        "MaximumMessageSize": Number(standard: 1 << 20, range: 1_024...(1 << 20)),
        "MessageRetentionPeriod": Number(standard: 345_600, range: 60...1_209_600),
        "DelaySeconds": Number(standard: 0, range: 0...900),
        "ReceiveMessageWaitTimeSeconds": Number(standard: 0, range: 0...20),
    ]
    /// What the API has and this server has not.
    private static let unsupported: Set<String> = [
        "Policy", "FifoQueue", "ContentBasedDeduplication", "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "DeduplicationScope",
        "FifoThroughputLimit", "RedriveAllowPolicy", "SqsManagedSseEnabled",
    ]
    private static let maxReceives = 1...1_000

    /// Only what was set.
    private(set) var values: [String: String] = [:]
    private(set) var redrive: Redrive?

    init() {}

    /// - Throws: InvalidAttributeName, InvalidAttributeValue, UnsupportedOperation.
    init(_ values: [String: String]) throws(AWSError) {
        try self.set(values)
    }

    mutating func set(_ values: [String: String]) throws(AWSError) {
        for (name, value) in values { try self.set(name, value) }
    }

    private mutating func set(_ name: String, _ value: String) throws(AWSError) {
        if let number = Self.numbers[name] {
            guard let given = Int(value), number.range.contains(given) else {
                throw .sqs(
                    "InvalidAttributeValue",
                    "Invalid value for the parameter \(name): it is a number from \(number.range.lowerBound) to \(number.range.upperBound)."
                )
            }
            self.values[name] = String(given)
        } else if name == "RedrivePolicy" {
            self.redrive = value.isEmpty ? nil : try Self.redrive(value)
            self.values[name] = value.isEmpty ? nil : value
        } else if Self.unsupported.contains(name) {
            // Nothing and false are what a queue here has anyway; Terraform sends them.
            guard value.isEmpty || value == "false" else { throw .sqsUnsupported("The queue attribute \(name) is not supported by Roost.") }
        } else {
            throw .sqs("InvalidAttributeName", "Unknown Attribute \(name.prefix(128)).")
        }
    }

    private static func redrive(_ text: String) throws(AWSError) -> Redrive {
        let policy = try? JSONValue(parsing: text)
        // SDKs and templates write the number as a text, too.
        let count = policy?["maxReceiveCount"]?.intValue ?? policy?["maxReceiveCount"]?.stringValue.flatMap { Int64($0) }
        guard let arn = policy?["deadLetterTargetArn"]?.stringValue, let name = arn.split(separator: ":").last, arn.hasPrefix("arn:"),
            let count, self.maxReceives.contains(Int(count))
        else {
            throw .sqsParameter(
                "RedrivePolicy", text, "It is a JSON object with deadLetterTargetArn, a queue's ARN, and maxReceiveCount, from 1 to 1000.")
        }
        return Redrive(deadLetterQueue: String(name), maxReceives: Int(count))
    }

    /// The value that holds, set or not.
    func number(_ name: String) -> Int {
        self.values[name].flatMap { Int($0) } ?? Self.numbers[name]?.standard ?? 0
    }

    /// All that GetQueueAttributes tells of them.
    var described: [String: String] {
        var described = self.values
        for name in Self.numbers.keys { described[name] = String(self.number(name)) }
        described["SqsManagedSseEnabled"] = "false"
        return described
    }
}
