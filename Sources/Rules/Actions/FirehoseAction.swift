import AWSAPI
import Foundation
import JSON
import NIOCore

/// `firehose`: puts the result into a delivery stream (Firehose PutRecord, PutRecordBatch).
struct FirehoseAction: RuleAction {
    static let key = "firehose"
    static let failureName = "FirehoseAction"
    static let maxRecords = 500
    /// Bytes of all records of one call.
    static let maxBatchBytes = 4 << 20
    static let separators: Set<String> = ["\n", "\t", "\r\n", ","]

    private let stream: SubstitutionTemplate
    private let separator: [UInt8]
    private let isBatch: Bool
    private let services: ActionServices
    let resource: String
    /// In batch mode a result that is an array fills calls of its own.
    let batchLimit: Int

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("deliveryStreamName")
        self.stream = try fields.template("deliveryStreamName")
        let separator = try fields.input.optionalString("separator")
        if let separator, !Self.separators.contains(separator) {
            throw .invalidRequest(
                "separator is \(JSONValue.string(separator).serialized()); it can be \"\\n\", \"\\t\", \"\\r\\n\" or \",\".")
        }
        self.separator = Array((separator ?? "").utf8)
        self.isBatch = try fields.input.bool("batchMode")
        self.services = fields.services
        self.batchLimit = self.isBatch ? 1 : Self.maxRecords
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items) { item in
            (try await item.text(self.stream), try self.records(of: item))
        } send: { stream, members in
            guard !self.isBatch else {
                var outcomes: [ActionOutcome] = []
                for member in members { outcomes.append(await self.putAll(member, into: stream)) }
                return outcomes
            }
            return await ActionBatch.sendParts(
                members, maxCount: Self.maxRecords, maxBytes: Self.maxBatchBytes, size: { $0.reduce(0) { $0 + $1.count } }
            ) { part in
                await self.put(part.flatMap(\.entry), into: stream, for: part.first?.item)
            }
        }
    }

    /// One record for the result; in batch mode one for each element of an array.
    private func records(of item: ActionItem) throws(ActionProblem) -> [[UInt8]] {
        guard self.isBatch, case .json(.array(let elements)) = item.output.body else { return [item.bytes + self.separator] }
        guard elements.count <= Self.maxRecords else {
            throw ActionProblem("The result has \(elements.count) elements; with batchMode it may have \(Self.maxRecords).")
        }
        return elements.map { $0.serializedBytes() + self.separator }
    }

    /// Puts all records of one result: it failed when one of them did, and then all are put again.
    private func putAll(_ member: BatchMember<[[UInt8]]>, into stream: String) async -> ActionOutcome {
        for part in ActionBatch.parts(member.entry, maxCount: Self.maxRecords, maxBytes: Self.maxBatchBytes, size: \.count) {
            for case .failed(let reason, let mayRetry) in await self.put(part, into: stream, for: member.item) {
                return .failed(reason, mayRetry: mayRetry)
            }
        }
        return .done
    }

    /// Returns an outcome for each record.
    private func put(_ records: [[UInt8]], into stream: String, for item: ActionItem?) async -> [ActionOutcome] {
        guard let item, let first = records.first else { return [] }
        func record(_ bytes: [UInt8]) -> JSONValue { ["Data": .string(Data(bytes).base64EncodedString())] }
        do throws(ServiceFailure) {
            guard records.count > 1 else {
                _ = try await self.call("PutRecord", stream, "Record", record(first), for: item)
                return [.done]
            }
            let answer = try await self.call("PutRecordBatch", stream, "Records", .array(records.map(record)), for: item)
            return RecordAnswers.outcomes(of: records.count, answer?["RequestResponses"], service: "Firehose")
        } catch {
            return records.map { _ in error.outcome }
        }
    }

    private func call(
        _ operation: String, _ stream: String, _ name: String, _ value: JSONValue, for item: ActionItem
    ) async throws(ServiceFailure) -> JSONValue? {
        let body: JSONObject = ["DeliveryStreamName": .string(stream), name: value]
        let answer = try await self.services.call(.json("firehose", prefix: "Firehose_20150804", operation, body), for: item)
        return try? JSONValue(parsing: answer.body.readableBytesView)
    }
}
