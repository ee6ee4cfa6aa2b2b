import AWSAPI
import JSON
import Storage

/// Makes a delivery stream that keeps its records here. Destinations are refused by name: nothing would get there.
struct FirehoseCreateDeliveryStream: AWSOperation {
    static let route = OperationRoute(.firehose, "CreateDeliveryStream")
    private static let members: Set<String> = ["DeliveryStreamName", "DeliveryStreamType"]

    struct Input: OperationDecodable {
        let stream: String

        init(_ input: OperationInput) throws {
            self.stream = try FirehoseTarget.name(in: input)
            let type = try input.optionalString("DeliveryStreamType") ?? "DirectPut"
            guard type == "DirectPut" else {
                throw AWSError.firehose(
                    "InvalidArgumentException", "Delivery streams of type \(type.prefix(64)) are not supported by Roost; DirectPut is.")
            }
            let unsupported = try input.bodyObject().first { !$0.value.isNull && !FirehoseCreateDeliveryStream.members.contains($0.key) }
            guard let unsupported else { return }
            throw AWSError.firehose(
                "InvalidArgumentException",
                "\(unsupported.key.prefix(64)) is not supported by Roost: a delivery stream keeps its records, and has no destination.")
        }
    }

    let firehose: FirehoseTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.firehose.store.write { connection in
            guard try self.firehose.log.log(connection).entry(input.stream) == nil else {
                throw AWSError.firehose(
                    "ResourceInUseException", "Firehose \(input.stream) under accountId \(context.account.account) already exists")
            }
            try self.firehose.create(input.stream, connection)
        }
        return ["DeliveryStreamARN": .string(self.firehose.arn(of: input.stream))]
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
        return [
            "DeliveryStreamDescription": [
                "DeliveryStreamName": .string(entry.name), "DeliveryStreamARN": .string(self.firehose.arn(of: entry.name)),
                "DeliveryStreamStatus": "ACTIVE", "DeliveryStreamType": "DirectPut", "VersionId": "1",
                "CreateTimestamp": JSONValue(Double(entry.createdAt) / 1_000), "Destinations": [], "HasMoreDestinations": false,
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
