import AWSAPI
import JSON
import Storage

extension KinesisTarget {
    fileprivate func changeTags(of stream: String, adding: [String: String] = [:], removing: [String] = []) async throws {
        try await self.store.write { connection in
            var attributes = try self.existing(stream, connection).attributes
            try LogTags.change(&attributes, adding: adding, removing: removing)
            try self.log.log(connection).setAttributes(attributes, of: stream)
        }
    }

    fileprivate func tags(of stream: String) async throws -> JSONValue {
        LogTags.described(try await self.store.read { try self.existing(stream, $0) }.attributes)
    }
}

struct KinesisListTagsForStream: AWSOperation {
    static let route = OperationRoute(.kinesis, "ListTagsForStream")
    let kinesis: KinesisTarget

    /// All at once: there are as many as a page has.
    func handle(_ input: KinesisStreamInput, _ context: OperationContext) async throws -> JSONObject {
        ["Tags": try await self.kinesis.tags(of: input.stream), "HasMoreTags": false]
    }
}

/// Tags that are added or removed; the stream is named as in all operations, or by `ResourceARN`.
struct KinesisTagInput: OperationDecodable {
    let stream: String
    let tags: [String: String]
    let keys: [String]

    init(_ input: OperationInput) throws {
        self.stream = try KinesisTarget.stream(in: input)
        self.tags = try input.optionalStringMap("Tags", maxCount: LogTags.maxCount) ?? [:]
        self.keys = try input.optionalStringList("TagKeys") ?? []
    }
}

struct KinesisAddTagsToStream: AWSOperation {
    static let route = OperationRoute(.kinesis, "AddTagsToStream")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisTagInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.changeTags(of: input.stream, adding: input.tags)
        return EmptyOutput()
    }
}

struct KinesisRemoveTagsFromStream: AWSOperation {
    static let route = OperationRoute(.kinesis, "RemoveTagsFromStream")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisTagInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.changeTags(of: input.stream, removing: input.keys)
        return EmptyOutput()
    }
}

struct KinesisListTagsForResource: AWSOperation {
    static let route = OperationRoute(.kinesis, "ListTagsForResource")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisStreamInput, _ context: OperationContext) async throws -> JSONObject {
        ["Tags": try await self.kinesis.tags(of: input.stream)]
    }
}

struct KinesisTagResource: AWSOperation {
    static let route = OperationRoute(.kinesis, "TagResource")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisTagInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.changeTags(of: input.stream, adding: input.tags)
        return EmptyOutput()
    }
}

struct KinesisUntagResource: AWSOperation {
    static let route = OperationRoute(.kinesis, "UntagResource")
    let kinesis: KinesisTarget

    func handle(_ input: KinesisTagInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.kinesis.changeTags(of: input.stream, removing: input.keys)
        return EmptyOutput()
    }
}
