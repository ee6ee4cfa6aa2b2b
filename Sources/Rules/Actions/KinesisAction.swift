import AWSAPI
import Foundation
import JSON
import NIOCore

/// `kinesis`: puts the result into a stream (Kinesis PutRecord, PutRecords).
struct KinesisAction: RuleAction {
    static let key = "kinesis"
    static let failureName = "KinesisAction"
    static let maxEntries = 500
    /// Bytes of all data and partition keys of one call.
    static let maxBatchBytes = 5 << 20
    static let maxKeyCharacters = 256

    private let stream: SubstitutionTemplate
    private let partitionKey: SubstitutionTemplate?
    private let services: ActionServices
    let resource: String
    let batchLimit = Self.maxEntries

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("streamName")
        self.stream = try fields.template("streamName")
        self.partitionKey = try fields.optionalTemplate("partitionKey")
        self.services = fields.services
    }

    struct Entry: Sendable {
        let data: String
        let key: String

        var record: JSONObject { ["Data": .string(self.data), "PartitionKey": .string(self.key)] }
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items) { item in
            let entry = Entry(data: Data(item.bytes).base64EncodedString(), key: try await self.key(of: item))
            return (try await item.text(self.stream), entry)
        } send: { stream, members in
            await ActionBatch.sendParts(
                members, maxCount: Self.maxEntries, maxBytes: Self.maxBatchBytes, size: { $0.data.utf8.count / 4 * 3 + $0.key.utf8.count }
            ) { part in
                await self.put(part, into: stream)
            }
        }
    }

    /// Without a partition key of the rule's, records are spread over the shards.
    private func key(of item: ActionItem) async throws -> String {
        guard let key = try await item.text(self.partitionKey) else { return UUID().uuidString.lowercased() }
        guard (1...Self.maxKeyCharacters).contains(key.unicodeScalars.count) else {
            throw ActionProblem(
                "partitionKey has \(key.unicodeScalars.count) characters; Kinesis takes 1 to \(Self.maxKeyCharacters). Is its field missing in the message?"
            )
        }
        return key
    }

    private func put(_ members: [BatchMember<Entry>], into stream: String) async -> [ActionOutcome] {
        guard let first = members.first else { return [] }
        do throws(ServiceFailure) {
            guard members.count > 1 else {
                _ = try await self.call("PutRecord", stream, first.entry.record, for: first.item)
                return [.done]
            }
            let records = members.map { JSONValue.object($0.entry.record) }
            let answer = try await self.call("PutRecords", stream, ["Records": .array(records)], for: first.item)
            return RecordAnswers.outcomes(of: members.count, answer?["Records"], service: "Kinesis")
        } catch {
            return members.map { _ in error.outcome }
        }
    }

    private func call(
        _ operation: String, _ stream: String, _ members: JSONObject, for item: ActionItem
    ) async throws(ServiceFailure) -> JSONValue? {
        var body: JSONObject = ["StreamName": .string(stream)]
        for (key, value) in members { body[key] = value }
        let answer = try await self.services.call(.json("kinesis", prefix: "Kinesis_20131202", operation, body), for: item)
        return try? JSONValue(parsing: answer.body.readableBytesView)
    }
}

/// What Kinesis and Firehose say of each record of a call, in the order of the records.
enum RecordAnswers {
    static func outcomes(of count: Int, _ answers: JSONValue?, service: String) -> [ActionOutcome] {
        let answers = answers?.arrayValue ?? []
        guard answers.count == count else {
            return [ActionOutcome](repeating: .failed("\(service) did not say whether it took the record.", mayRetry: true), count: count)
        }
        return answers.map { answer in
            guard let code = answer["ErrorCode"]?.stringValue else { return .done }
            // Both services name only what passes: throughput that is used up, or a failure inside.
            return .failed("\(service) did not take the record (\(code): \(answer["ErrorMessage"]?.stringValue ?? "")).", mayRetry: true)
        }
    }
}
