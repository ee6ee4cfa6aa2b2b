import AWSAPI
import JSON

struct FirehosePutRecord: AWSOperation {
    static let route = OperationRoute(.firehose, "PutRecord")

    struct Input: OperationDecodable {
        let stream: String
        let data: [UInt8]

        init(_ input: OperationInput) throws {
            self.stream = try FirehoseTarget.name(in: input)
            self.data = try FirehoseTarget.data(.object(try input.object("Record")))
        }
    }

    let firehose: FirehoseTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let ids = try await self.firehose.put([input.data], into: input.stream, for: context.caller)
        return ["RecordId": .string(ids.first ?? ""), "Encrypted": false]
    }
}

struct FirehosePutRecordBatch: AWSOperation {
    static let route = OperationRoute(.firehose, "PutRecordBatch")
    static let maxRecords = 500
    /// Of all records.
    static let maxBytes = 4 << 20

    struct Input: OperationDecodable {
        let stream: String
        let records: [[UInt8]]

        init(_ input: OperationInput) throws {
            self.stream = try FirehoseTarget.name(in: input)
            let values = try input.optionalArray("Records", maxCount: FirehosePutRecordBatch.maxRecords) ?? []
            guard !values.isEmpty else { throw AWSError.firehose("InvalidArgumentException", "Records must have at least one record.") }
            self.records = try values.map { try FirehoseTarget.data($0) }
            guard self.records.reduce(0, { $0 + $1.count }) <= FirehosePutRecordBatch.maxBytes else {
                throw AWSError.firehose("InvalidArgumentException", "Records size exceeds 4 MB limit")
            }
        }
    }

    let firehose: FirehoseTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let ids = try await self.firehose.put(input.records, into: input.stream, for: context.caller)
        return [
            "FailedPutCount": 0, "Encrypted": false, "RequestResponses": .array(ids.map { ["RecordId": .string($0)] }),
        ]
    }
}

extension FirehoseTarget {
    /// - Parameter s3: where the buckets are.
    func operations(s3: S3Service) -> [any AWSOperation] {
        [
            FirehoseCreateDeliveryStream(firehose: self, s3: s3), FirehoseDescribeDeliveryStream(firehose: self),
            FirehoseDeleteDeliveryStream(firehose: self), FirehoseListDeliveryStreams(firehose: self), FirehosePutRecord(firehose: self),
            FirehosePutRecordBatch(firehose: self), FirehoseListTags(firehose: self), FirehoseTag(firehose: self),
            FirehoseUntag(firehose: self),
        ]
    }
}
