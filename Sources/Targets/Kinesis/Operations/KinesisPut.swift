import AWSAPI
import JSON

struct KinesisPutRecord: AWSOperation {
    static let route = OperationRoute(.kinesis, "PutRecord")

    struct Input: OperationDecodable {
        let stream: String
        let draft: KinesisDraft

        init(_ input: OperationInput) throws {
            self.stream = try KinesisTarget.stream(in: input)
            self.draft = try KinesisDraft(input)
        }
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.kinesis.put([input.draft], into: input.stream, for: context.caller).first ?? [:]
    }
}

struct KinesisPutRecords: AWSOperation {
    static let route = OperationRoute(.kinesis, "PutRecords")
    static let maxRecords = 500
    /// Of all data and partition keys.
    static let maxBytes = 10 << 20

    struct Input: OperationDecodable {
        let stream: String
        let drafts: [KinesisDraft]

        init(_ input: OperationInput) throws {
            self.stream = try KinesisTarget.stream(in: input)
            let values = try input.optionalArray("Records", maxCount: KinesisPutRecords.maxRecords) ?? []
            guard !values.isEmpty else { throw AWSError.kinesisArgument("Records must have at least one record.") }
            self.drafts = try values.map { value in
                guard case .object(let object) = value else { throw AWSError.kinesis("SerializationException", "A record is no object.") }
                return try KinesisDraft(.nested(object))
            }
            guard self.drafts.reduce(0, { $0 + $1.size }) <= KinesisPutRecords.maxBytes else {
                throw AWSError.kinesisArgument("Records size exceeds \(KinesisPutRecords.maxBytes) bytes limit.")
            }
        }
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let records = try await self.kinesis.put(input.drafts, into: input.stream, for: context.caller)
        return ["FailedRecordCount": 0, "Records": .array(records.map { .object($0) })]
    }
}
