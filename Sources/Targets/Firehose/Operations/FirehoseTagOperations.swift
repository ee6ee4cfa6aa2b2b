import AWSAPI
import JSON
import Storage

struct FirehoseListTags: AWSOperation {
    static let route = OperationRoute(.firehose, "ListTagsForDeliveryStream")
    let firehose: FirehoseTarget

    /// All at once: there are fewer than a page has.
    func handle(_ input: FirehoseStreamInput, _ context: OperationContext) async throws -> JSONObject {
        let entry = try await self.firehose.store.read { try self.firehose.existing(input.stream, $0) }
        return ["Tags": LogTags.described(entry.attributes), "HasMoreTags": false]
    }
}

struct FirehoseTag: AWSOperation {
    static let route = OperationRoute(.firehose, "TagDeliveryStream")

    struct Input: OperationDecodable {
        let stream: String
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.stream = try FirehoseTarget.name(in: input)
            self.tags = try LogTags.list(input)
        }
    }

    let firehose: FirehoseTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.firehose.store.write { connection in
            var attributes = try self.firehose.existing(input.stream, connection).attributes
            try LogTags.change(&attributes, adding: input.tags)
            try self.firehose.log.log(connection).setAttributes(attributes, of: input.stream)
        }
        return EmptyOutput()
    }
}

struct FirehoseUntag: AWSOperation {
    static let route = OperationRoute(.firehose, "UntagDeliveryStream")

    struct Input: OperationDecodable {
        let stream: String
        let keys: [String]

        init(_ input: OperationInput) throws {
            self.stream = try FirehoseTarget.name(in: input)
            self.keys = try input.stringList("TagKeys")
        }
    }

    let firehose: FirehoseTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.firehose.store.write { connection in
            var attributes = try self.firehose.existing(input.stream, connection).attributes
            try LogTags.change(&attributes, removing: input.keys)
            try self.firehose.log.log(connection).setAttributes(attributes, of: input.stream)
        }
        return EmptyOutput()
    }
}
