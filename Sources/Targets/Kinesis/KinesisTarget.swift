import AWSAPI
import Foundation
import JSON
import Storage

/// The embedded Kinesis: each stream is a log of records, with the shard beside each record.
struct KinesisTarget: EmbeddedTarget {
    let log: LogTarget
    let account: AccountContext
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    var service: String { self.log.service }
    var store: any Store { self.log.store }

    func contents() async throws -> [TargetSummary] { try await self.log.contents() }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.log.records(of: name, after: position, limit: limit)
    }

    func record(of name: String, key: String) async throws -> TargetRecord? { try await self.log.record(of: name, key: key) }

    // MARK: Streams

    private static let namePattern = InputPattern("[a-zA-Z0-9_.-]+", ranges: ["az", "AZ", "09"], others: "_.-")

    /// A stream's name, given as it is or in an ARN.
    static func stream(in input: OperationInput) throws(AWSError) -> String {
        if let name = try input.optionalString("StreamName", min: 1, max: 128, pattern: Self.namePattern) { return name }
        let streamARN = try input.optionalString("StreamARN")
        let resourceARN = try input.optionalString("ResourceARN")
        guard let arn = streamARN ?? resourceARN else {
            throw .kinesisArgument("The request must have a StreamName or a StreamARN.")
        }
        guard let name = arn.split(separator: "/").last, arn.contains(":stream/"), Self.namePattern.matches(String(name)) else {
            throw .kinesisArgument("The StreamARN is not the ARN of a stream.")
        }
        return String(name)
    }

    func arn(of stream: String) -> String { self.account.arn(service: "kinesis", "stream/\(stream)") }

    static func shards(of entry: RecordLog.Entry) -> KinesisShards {
        KinesisShards(count: max(1, entry.attributes["shards"]?.intValue.map { Int($0) } ?? 1))
    }

    /// - Throws: ResourceNotFoundException.
    func existing(_ stream: String, _ connection: any StoreConnection) throws -> RecordLog.Entry {
        guard let entry = try self.log.log(connection).entry(stream) else {
            throw AWSError.kinesis("ResourceNotFoundException", "Stream \(stream) under account \(self.account.account) not found.")
        }
        return entry
    }

    func create(
        _ stream: String, shards: Int, isOnDemand: Bool = false, tags: [String: String] = [:], _ connection: any StoreConnection
    ) throws {
        var attributes: JSONObject = ["shards": .int(Int64(shards)), "onDemand": .bool(isOnDemand)]
        try LogTags.change(&attributes, adding: tags)
        guard try self.log.log(connection).create(stream, kind: "stream", attributes: attributes, at: self.clock()) else {
            throw AWSError.kinesis(
                "LimitExceededException", "This server has \(self.log.limits.maxTargets) streams, which is all that it takes: delete some.")
        }
    }

    /// What all descriptions of a stream have.
    func described(_ entry: RecordLog.Entry) -> JSONObject {
        [
            "StreamName": .string(entry.name), "StreamARN": .string(self.arn(of: entry.name)), "StreamStatus": "ACTIVE",
            "StreamModeDetails": ["StreamMode": entry.attributes["onDemand"] == true ? "ON_DEMAND" : "PROVISIONED"],
            "StreamCreationTimestamp": JSONValue(Double(entry.createdAt) / 1_000),
        ]
    }

    // MARK: Records

    /// Puts records into a stream.
    ///
    /// - Returns: the shard and the sequence number of each.
    func put(_ drafts: [KinesisDraft], into stream: String, for caller: Caller) async throws -> [JSONObject] {
        try await self.store.write { connection in
            let log = self.log.log(connection)
            if try log.entry(stream) == nil, case .service = caller {
                // For a rule a stream is made, since nobody else would; others have to make it.
                guard Self.namePattern.matches(stream), stream.utf8.count <= 128 else {
                    throw AWSError.kinesisArgument("StreamName: \(stream.prefix(200)) is no name of a stream.")
                }
                try self.create(stream, shards: 1, connection)
            }
            let entry = try self.existing(stream, connection)
            let shards = Self.shards(of: entry)
            let now = self.clock()
            try log.drop(before: KinesisRetention.start(of: entry, now: now), from: stream)
            let placed = drafts.map { (draft: $0, shard: shards.index(of: $0.hashKey)) }
            try log.append(
                placed.map {
                    TargetRecord(key: $0.draft.partitionKey, time: now, attributes: ["shard": .int(Int64($0.shard))], body: $0.draft.data)
                },
                to: stream)
            return placed.enumerated().map { offset, placed in
                [
                    "ShardId": .string(KinesisShards.id(placed.shard)),
                    "SequenceNumber": .string(KinesisSequence.text(entry.last + Int64(offset) + 1)),
                ]
            }
        }
    }
}

/// What a producer hands over.
struct KinesisDraft: Sendable {
    static let maxDataBytes = 1 << 20

    let data: [UInt8]
    let partitionKey: String
    let hashKey: UInt128

    /// - Throws: ValidationException, InvalidArgumentException.
    init(_ input: OperationInput) throws(AWSError) {
        guard let data = Data(base64Encoded: try input.string("Data", min: 0)) else {
            throw .kinesis("SerializationException", "Data is not base64.")
        }
        guard data.count <= Self.maxDataBytes else {
            throw .invalidRequest(
                "1 validation error detected: Value at 'data' failed to satisfy constraint: Member must have length less than or equal to "
                    + "\(Self.maxDataBytes)")
        }
        self.data = Array(data)
        self.partitionKey = try input.string("PartitionKey", min: 1, max: 256)
        if let text = try input.optionalString("ExplicitHashKey") {
            guard let hashKey = UInt128(text), text.first != "+" else {
                throw .kinesisArgument(
                    "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was \(text.prefix(64))")
            }
            self.hashKey = hashKey
        } else {
            self.hashKey = KinesisShards.hashKey(of: self.partitionKey)
        }
    }

    var size: Int { self.data.count + self.partitionKey.utf8.count }
}
