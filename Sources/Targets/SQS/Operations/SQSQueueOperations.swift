import AWSAPI
import JSON

struct SQSCreateQueue: AWSOperation {
    static let route = OperationRoute(.sqs, "CreateQueue")
    static let maxTags = 50

    struct Input: OperationDecodable {
        let name: String
        let attributes: SQSQueueAttributes
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.name = try input.string("QueueName")
            let values = try input.optionalStringMap("Attributes") ?? [:]
            guard values["FifoQueue"] != "true" else { throw AWSError.sqsUnsupported("FIFO queues are not supported by Roost.") }
            try SQSTarget.checkName(self.name)
            self.attributes = try SQSQueueAttributes(values)
            self.tags = try input.optionalStringMap("tags", maxCount: SQSCreateQueue.maxTags) ?? [:]
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.sqs.write { table in
            guard let queue = try table.queue(input.name) else {
                try table.checkRedrive(input.attributes)
                return try table.create(input.name, input.attributes, tags: input.tags)
            }
            // Making it again changes nothing, and says so when it would.
            let there = queue.attributes.described
            if let other = input.attributes.values.first(where: { there[$0.key] != $0.value }) {
                throw AWSError.sqs(
                    "QueueNameExists", code: "QueueAlreadyExists",
                    "A queue already exists with the same name and a different value for attribute \(other.key)")
            }
        }
        return ["QueueUrl": .string(self.sqs.url(of: input.name, context))]
    }
}

struct SQSGetQueueUrl: AWSOperation {
    static let route = OperationRoute(.sqs, "GetQueueUrl")

    struct Input: OperationDecodable {
        let name: String

        init(_ input: OperationInput) throws { self.name = try input.string("QueueName") }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        _ = try await self.sqs.read { try $0.existing(input.name) }
        return ["QueueUrl": .string(self.sqs.url(of: input.name, context))]
    }
}

struct SQSListQueues: AWSOperation {
    static let route = OperationRoute(.sqs, "ListQueues")
    static let maxResults = 1_000

    struct Input: OperationDecodable {
        let prefix: String
        let token: String?
        let limit: Int?

        init(_ input: OperationInput) throws {
            self.prefix = try input.optionalString("QueueNamePrefix") ?? ""
            self.token = try input.optionalString("NextToken")
            self.limit = try input.optionalInt("MaxResults", range: 1...SQSListQueues.maxResults)
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let after = try context.pages.position(in: input.token, query: [input.prefix]) ?? ""
        let limit = input.limit ?? Self.maxResults
        let found = try await self.sqs.read { try $0.queues(prefix: input.prefix, after: after, limit: limit + 1).map(\.name) }
        let page = found.prefix(limit)
        var output: JSONObject = [:]
        if !page.isEmpty { output["QueueUrls"] = .array(page.map { .string(self.sqs.url(of: $0, context)) }) }
        // Without MaxResults, SQS gives the first thousand and no token.
        if input.limit != nil, found.count > limit, let last = page.last {
            output["NextToken"] = .string(context.pages.token(after: last, query: [input.prefix]))
        }
        return output
    }
}

/// The input of operations on one queue that say nothing but which.
struct SQSQueueInput: OperationDecodable {
    let queue: String

    init(_ input: OperationInput) throws { self.queue = try SQSTarget.name(in: input) }
}

struct SQSDeleteQueue: AWSOperation {
    static let route = OperationRoute(.sqs, "DeleteQueue")
    let sqs: SQSTarget

    func handle(_ input: SQSQueueInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { try $0.delete(input.queue) }
        self.sqs.signals.forget(input.queue)
        return EmptyOutput()
    }
}

struct SQSPurgeQueue: AWSOperation {
    static let route = OperationRoute(.sqs, "PurgeQueue")
    let sqs: SQSTarget

    func handle(_ input: SQSQueueInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { try $0.purge(input.queue) }
        return EmptyOutput()
    }
}
