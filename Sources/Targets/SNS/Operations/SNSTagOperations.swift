import AWSAPI
import JSON
import Storage

struct SNSListTagsForResource: AWSOperation {
    static let route = OperationRoute(.sns, "ListTagsForResource")

    struct Input: OperationDecodable {
        let topic: String

        init(_ input: OperationInput) throws { self.topic = try SNSTarget.topic(in: input, member: "ResourceArn") }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let entry = try await self.sns.store.read { try self.sns.existing(input.topic, $0) }
        return ["Tags": LogTags.described(entry.attributes)]
    }
}

struct SNSTagResource: AWSOperation {
    static let route = OperationRoute(.sns, "TagResource")

    struct Input: OperationDecodable {
        let topic: String
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.topic = try SNSTarget.topic(in: input, member: "ResourceArn")
            self.tags = try LogTags.list(input)
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sns.store.write { connection in
            var attributes = try self.sns.existing(input.topic, connection).attributes
            try LogTags.change(&attributes, adding: input.tags)
            try self.sns.log.log(connection).setAttributes(attributes, of: input.topic)
        }
        return EmptyOutput()
    }
}

struct SNSUntagResource: AWSOperation {
    static let route = OperationRoute(.sns, "UntagResource")

    struct Input: OperationDecodable {
        let topic: String
        let keys: [String]

        init(_ input: OperationInput) throws {
            self.topic = try SNSTarget.topic(in: input, member: "ResourceArn")
            self.keys = try input.stringList("TagKeys")
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sns.store.write { connection in
            var attributes = try self.sns.existing(input.topic, connection).attributes
            try LogTags.change(&attributes, removing: input.keys)
            try self.sns.log.log(connection).setAttributes(attributes, of: input.topic)
        }
        return EmptyOutput()
    }
}
