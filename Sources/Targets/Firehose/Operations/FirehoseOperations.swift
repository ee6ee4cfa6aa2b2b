import AWSAPI
import JSON
import Storage

/// Makes a delivery stream that keeps its records here, and writes them into a bucket when it gets one. Other destinations are refused by
/// name: nothing would get there.
struct FirehoseCreateDeliveryStream: AWSOperation {
    static let route = OperationRoute(.firehose, "CreateDeliveryStream")
    private static let s3Members = ["ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"]
    private static let members: Set<String> = ["DeliveryStreamName", "DeliveryStreamType", "Tags"]

    struct Input: OperationDecodable {
        let stream: String
        let destination: FirehoseDestination?
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.stream = try FirehoseTarget.name(in: input)
            let type = try input.optionalString("DeliveryStreamType") ?? "DirectPut"
            guard type == "DirectPut" else {
                throw AWSError.firehose(
                    "InvalidArgumentException", "Delivery streams of type \(type.prefix(64)) are not supported by Roost; DirectPut is.")
            }
            var destinations: [FirehoseDestination] = []
            for (name, value) in try input.bodyObject() where !value.isNull && !FirehoseCreateDeliveryStream.members.contains(name) {
                guard FirehoseCreateDeliveryStream.s3Members.contains(name), case .object(let configuration) = value else {
                    throw AWSError.firehose("InvalidArgumentException", "\(name.prefix(64)) is not supported by Roost.")
                }
                destinations.append(try FirehoseDestination(configuration))
            }
            guard destinations.count < 2 else {
                throw AWSError.firehose("InvalidArgumentException", "Exactly one destination configuration is supported for a Firehose")
            }
            self.destination = destinations.first
            self.tags = try LogTags.list(input)
        }
    }

    let firehose: FirehoseTarget
    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        if let destination = input.destination { try await self.check(destination) }
        try await self.firehose.store.write { connection in
            guard try self.firehose.log.log(connection).entry(input.stream) == nil else {
                throw AWSError.firehose(
                    "ResourceInUseException", "Firehose \(input.stream) under accountId \(context.account.account) already exists")
            }
            try self.firehose.create(input.stream, to: input.destination, tags: input.tags, connection)
        }
        return ["DeliveryStreamARN": .string(self.firehose.arn(of: input.stream))]
    }

    private func check(_ destination: FirehoseDestination) async throws {
        do {
            _ = try await self.s3.bucket(destination.bucket)
        } catch is AWSError {
            throw AWSError.firehose("InvalidArgumentException", "There is no bucket \(destination.bucket.prefix(100)): create it first.")
        }
    }
}

/// The input of operations on one delivery stream that say nothing but which.
struct FirehoseStreamInput: OperationDecodable {
    let stream: String

    init(_ input: OperationInput) throws { self.stream = try FirehoseTarget.name(in: input) }
}

struct FirehoseDescribeDeliveryStream: AWSOperation {
    static let route = OperationRoute(.firehose, "DescribeDeliveryStream")
    let firehose: FirehoseTarget

    func handle(_ input: FirehoseStreamInput, _ context: OperationContext) async throws -> JSONObject {
        let entry = try await self.firehose.store.read { try self.firehose.existing(input.stream, $0) }
        let destinations = try FirehoseTarget.destination(of: entry).map { destination -> [JSONValue] in
            var extended = destination.described
            extended["S3BackupMode"] = "Disabled"
            extended["CustomTimeZone"] = "UTC"
            return [
                [
                    "DestinationId": "destinationId-000000000001", "S3DestinationDescription": .object(destination.described),
                    "ExtendedS3DestinationDescription": .object(extended),
                ]
            ]
        }
        return [
            "DeliveryStreamDescription": [
                "DeliveryStreamName": .string(entry.name), "DeliveryStreamARN": .string(self.firehose.arn(of: entry.name)),
                "DeliveryStreamStatus": "ACTIVE", "DeliveryStreamType": "DirectPut", "VersionId": "1",
                "CreateTimestamp": JSONValue(Double(entry.createdAt) / 1_000), "Destinations": .array(destinations ?? []),
                "HasMoreDestinations": false,
            ]
        ]
    }
}

struct FirehoseDeleteDeliveryStream: AWSOperation {
    static let route = OperationRoute(.firehose, "DeleteDeliveryStream")
    let firehose: FirehoseTarget

    func handle(_ input: FirehoseStreamInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.firehose.store.write { connection in
            _ = try self.firehose.existing(input.stream, connection)
            _ = try self.firehose.log.log(connection).delete(input.stream)
        }
        return EmptyOutput()
    }
}

struct FirehoseListDeliveryStreams: AWSOperation {
    static let route = OperationRoute(.firehose, "ListDeliveryStreams")
    static let defaultLimit = 10

    struct Input: OperationDecodable {
        let limit: Int
        let after: String
        let isOtherType: Bool

        init(_ input: OperationInput) throws {
            self.limit = try input.optionalInt("Limit", range: 1...10_000) ?? FirehoseListDeliveryStreams.defaultLimit
            self.after = try input.optionalString("ExclusiveStartDeliveryStreamName") ?? ""
            self.isOtherType = try input.optionalString("DeliveryStreamType").map { $0 != "DirectPut" } ?? false
        }
    }

    let firehose: FirehoseTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let names = try await self.firehose.store.read { try self.firehose.log.log($0).entries().map(\.name) }
        let rest = input.isOtherType ? [] : names.filter { $0 > input.after }
        return [
            "DeliveryStreamNames": .array(rest.prefix(input.limit).map { .string($0) }),
            "HasMoreDeliveryStreams": .bool(rest.count > input.limit),
        ]
    }
}
