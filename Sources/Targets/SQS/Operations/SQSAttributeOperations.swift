import AWSAPI
import JSON

struct SQSGetQueueAttributes: AWSOperation {
    static let route = OperationRoute(.sqs, "GetQueueAttributes")

    struct Input: OperationDecodable {
        let queue: String
        let names: [String]

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.names = try input.optionalStringList("AttributeNames") ?? []
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        var attributes = try await self.sqs.read { table in
            let queue = try table.existing(input.queue)
            let hidden = try table.hidden(in: queue.name)
            return queue.attributes.described.merging([
                "ApproximateNumberOfMessages": "\(queue.messages - hidden.inFlight - hidden.delayed)",
                "ApproximateNumberOfMessagesNotVisible": "\(hidden.inFlight)", "ApproximateNumberOfMessagesDelayed": "\(hidden.delayed)",
                "CreatedTimestamp": "\(queue.createdAt / 1_000)", "LastModifiedTimestamp": "\(queue.modifiedAt / 1_000)",
            ]) { $1 }
        }
        attributes["QueueArn"] = self.sqs.arn(of: input.queue)
        if !input.names.contains("All") { attributes = attributes.filter { input.names.contains($0.key) } }
        guard !attributes.isEmpty else { return [:] }
        return ["Attributes": .object(JSONObject(attributes.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))]
    }
}

struct SQSSetQueueAttributes: AWSOperation {
    static let route = OperationRoute(.sqs, "SetQueueAttributes")

    struct Input: OperationDecodable {
        let queue: String
        let values: [String: String]

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.values = try input.stringMap("Attributes")
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { table in
            var attributes = try table.existing(input.queue).attributes
            try attributes.set(input.values)
            try table.checkRedrive(attributes)
            try table.setAttributes(attributes, of: input.queue)
        }
        return EmptyOutput()
    }
}

struct SQSTagQueue: AWSOperation {
    static let route = OperationRoute(.sqs, "TagQueue")

    struct Input: OperationDecodable {
        let queue: String
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.tags = try input.stringMap("Tags")
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { table in
            let tags = try table.existing(input.queue).tags.merging(input.tags) { $1 }
            guard tags.count <= SQSCreateQueue.maxTags else {
                throw AWSError.sqs("InvalidParameterValue", "A queue has at most \(SQSCreateQueue.maxTags) tags.")
            }
            try table.setTags(tags, of: input.queue)
        }
        return EmptyOutput()
    }
}

struct SQSUntagQueue: AWSOperation {
    static let route = OperationRoute(.sqs, "UntagQueue")

    struct Input: OperationDecodable {
        let queue: String
        let keys: [String]

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.keys = try input.stringList("TagKeys")
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { table in
            let tags = try table.existing(input.queue).tags.filter { !input.keys.contains($0.key) }
            try table.setTags(tags, of: input.queue)
        }
        return EmptyOutput()
    }
}

struct SQSListQueueTags: AWSOperation {
    static let route = OperationRoute(.sqs, "ListQueueTags")
    let sqs: SQSTarget

    func handle(_ input: SQSQueueInput, _ context: OperationContext) async throws -> JSONObject {
        let tags = try await self.sqs.read { try $0.existing(input.queue).tags }
        return ["Tags": .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))]
    }
}
