import AWSAPI
import JSON
import Storage

struct KinesisCreateStream: AWSOperation {
    static let route = OperationRoute(.kinesis, "CreateStream")
    /// What a stream on demand begins with.
    static let onDemandShards = 4

    struct Input: OperationDecodable {
        let stream: String
        let shards: Int
        let isOnDemand: Bool
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.stream = try KinesisTarget.stream(in: input)
            let mode = OperationInput.nested(try input.optionalObject("StreamModeDetails") ?? [:])
            self.isOnDemand = try mode.optionalWord("StreamMode", of: ["PROVISIONED", "ON_DEMAND"]) == "ON_DEMAND"
            let count = try input.optionalInt("ShardCount", range: 1...Int.max)
            guard let shards = count ?? (self.isOnDemand ? KinesisCreateStream.onDemandShards : nil) else {
                throw AWSError.kinesisArgument("ShardCount must be given for a stream in mode PROVISIONED.")
            }
            guard shards <= KinesisShards.maxCount else {
                throw AWSError.kinesis("LimitExceededException", "A stream has at most \(KinesisShards.maxCount) shards here.")
            }
            self.shards = shards
            self.tags = try input.optionalStringMap("Tags", maxCount: LogTags.maxCount) ?? [:]
            let unsupported = try input.bodyObject().keys.first { !KinesisCreateStream.members.contains($0) }
            if let unsupported { throw AWSError.kinesisArgument("\(unsupported.prefix(64)) of streams is not supported by Roost.") }
        }
    }

    private static let members: Set<String> = ["StreamName", "ShardCount", "StreamModeDetails", "Tags"]

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.store.write { connection in
            guard try self.kinesis.log.log(connection).entry(input.stream) == nil else {
                throw AWSError.kinesis(
                    "ResourceInUseException", "Stream \(input.stream) under account \(context.account.account) already exists.")
            }
            try self.kinesis.create(input.stream, shards: input.shards, isOnDemand: input.isOnDemand, tags: input.tags, connection)
        }
        return EmptyOutput()
    }
}

/// The input of operations on one stream that say nothing but which.
struct KinesisStreamInput: OperationDecodable {
    let stream: String

    init(_ input: OperationInput) throws { self.stream = try KinesisTarget.stream(in: input) }
}

struct KinesisDeleteStream: AWSOperation {
    static let route = OperationRoute(.kinesis, "DeleteStream")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisStreamInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.store.write { connection in
            _ = try self.kinesis.existing(input.stream, connection)
            _ = try self.kinesis.log.log(connection).delete(input.stream)
        }
        return EmptyOutput()
    }
}

struct KinesisDescribeStream: AWSOperation {
    static let route = OperationRoute(.kinesis, "DescribeStream")

    struct Input: OperationDecodable {
        let stream: String
        let limit: Int
        let after: String?

        init(_ input: OperationInput) throws {
            self.stream = try KinesisTarget.stream(in: input)
            self.limit = try input.optionalInt("Limit", range: 1...10_000) ?? KinesisShards.maxCount
            self.after = try input.optionalString("ExclusiveStartShardId")
        }
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let entry = try await self.kinesis.store.read { try self.kinesis.existing(input.stream, $0) }
        let shards = KinesisTarget.shards(of: entry)
        let rest = shards.described(after: input.after.flatMap(shards.index(of:)) ?? -1)
        var description = self.kinesis.described(entry)
        description["Shards"] = .array(Array(rest.prefix(input.limit)))
        description["HasMoreShards"] = .bool(rest.count > input.limit)
        description["RetentionPeriodHours"] = JSONValue(KinesisRetention.hours(of: entry))
        description["EnhancedMonitoring"] = [["ShardLevelMetrics": []]]
        description["EncryptionType"] = "NONE"
        return ["StreamDescription": .object(description)]
    }
}

struct KinesisDescribeStreamSummary: AWSOperation {
    static let route = OperationRoute(.kinesis, "DescribeStreamSummary")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisStreamInput, _ context: OperationContext) async throws -> JSONObject {
        let entry = try await self.kinesis.store.read { try self.kinesis.existing(input.stream, $0) }
        var description = self.kinesis.described(entry)
        description["OpenShardCount"] = JSONValue(KinesisTarget.shards(of: entry).count)
        description["RetentionPeriodHours"] = JSONValue(KinesisRetention.hours(of: entry))
        description["EnhancedMonitoring"] = [["ShardLevelMetrics": []]]
        description["EncryptionType"] = "NONE"
        description["ConsumerCount"] = 0
        return ["StreamDescriptionSummary": .object(description)]
    }
}
