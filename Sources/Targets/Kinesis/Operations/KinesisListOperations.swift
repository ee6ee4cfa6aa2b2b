import AWSAPI
import JSON
import Storage

struct KinesisListStreams: AWSOperation {
    static let route = OperationRoute(.kinesis, "ListStreams")
    static let defaultLimit = 100

    struct Input: OperationDecodable {
        let limit: Int
        let after: String?
        let token: String?

        init(_ input: OperationInput) throws {
            self.limit = try input.optionalInt("Limit", range: 1...10_000) ?? KinesisListStreams.defaultLimit
            self.after = try input.optionalString("ExclusiveStartStreamName")
            self.token = try input.optionalString("NextToken")
        }
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let after = try context.pages.position(in: input.token) ?? input.after ?? ""
        let rest = try await self.kinesis.store.read { try self.kinesis.log.log($0).entries() }.filter { $0.name > after }
        let page = rest.prefix(input.limit)
        var output: JSONObject = [
            "StreamNames": .array(page.map { .string($0.name) }), "HasMoreStreams": .bool(rest.count > page.count),
            "StreamSummaries": .array(page.map { .object(self.kinesis.described($0)) }),
        ]
        if rest.count > page.count, let last = page.last { output["NextToken"] = .string(context.pages.token(after: last.name)) }
        return output
    }
}

struct KinesisListShards: AWSOperation {
    static let route = OperationRoute(.kinesis, "ListShards")

    struct Input: OperationDecodable {
        /// Nil with a token, which says it.
        let stream: String?
        let after: String?
        let limit: Int
        let token: String?

        init(_ input: OperationInput) throws {
            self.token = try input.optionalString("NextToken")
            self.stream = self.token == nil ? try KinesisTarget.stream(in: input) : nil
            // All shards are open for as long as their stream is, so that no other filter leaves one out.
            let filter = try input.optionalObject("ShardFilter")
            self.after = try input.optionalString("ExclusiveStartShardId") ?? filter?["ShardId"]?.stringValue
            self.limit = try input.optionalInt("MaxResults", range: 1...10_000) ?? KinesisShards.maxCount
        }
    }

    let kinesis: KinesisTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try context.pages.position(in: input.token)?.split(separator: ":").map(String.init) ?? []
        let stream = input.stream ?? position.first ?? ""
        let entry = try await self.kinesis.store.read { try self.kinesis.existing(stream, $0) }
        let shards = KinesisTarget.shards(of: entry)
        let after = (position.last ?? input.after).flatMap(shards.index(of:)) ?? -1
        let rest = shards.described(after: after)
        var output: JSONObject = ["Shards": .array(Array(rest.prefix(input.limit)))]
        if rest.count > input.limit {
            output["NextToken"] = .string(context.pages.token(after: "\(stream):\(KinesisShards.id(after + input.limit))"))
        }
        return output
    }
}

extension KinesisTarget {
    var operations: [any AWSOperation] {
        [
            KinesisCreateStream(kinesis: self), KinesisDeleteStream(kinesis: self), KinesisDescribeStream(kinesis: self),
            KinesisDescribeStreamSummary(kinesis: self), KinesisListStreams(kinesis: self), KinesisListShards(kinesis: self),
            KinesisPutRecord(kinesis: self), KinesisPutRecords(kinesis: self), KinesisGetShardIterator(kinesis: self),
            KinesisGetRecords(kinesis: self), KinesisIncreaseRetention(kinesis: self), KinesisDecreaseRetention(kinesis: self),
            KinesisListTagsForStream(kinesis: self), KinesisAddTagsToStream(kinesis: self), KinesisRemoveTagsFromStream(kinesis: self),
            KinesisListTagsForResource(kinesis: self), KinesisTagResource(kinesis: self), KinesisUntagResource(kinesis: self),
        ]
    }
}
