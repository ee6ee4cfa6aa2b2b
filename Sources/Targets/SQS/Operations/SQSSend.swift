import AWSAPI
import JSON

struct SQSSendMessage: AWSOperation {
    static let route = OperationRoute(.sqs, "SendMessage")

    struct Input: OperationDecodable {
        let queue: String
        let draft: SQSDraft

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.draft = try SQSDraft(input)
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let sent = try await self.sqs.write { table in
            let queue = try self.sqs.queue(input.queue, for: context.caller, in: table)
            return try table.send(input.draft, to: queue, from: context.caller.id)
        }
        self.sqs.signals.signal(input.queue)
        return sent
    }
}

struct SQSSendMessageBatch: AWSOperation {
    static let route = OperationRoute(.sqs, "SendMessageBatch")
    /// Of all messages together.
    static let maxBytes = 1 << 20

    struct Input: OperationDecodable {
        let queue: String
        let batch: SQSBatch<SQSDraft>

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.batch = try SQSBatch(input) { (entry) throws(AWSError) in try SQSDraft(entry) }
            let size = self.batch.entries.reduce(0) { $0 + ((try? $1.content.get())?.size ?? 0) }
            guard size <= SQSSendMessageBatch.maxBytes else {
                throw AWSError.sqsBatch(
                    "BatchRequestTooLong",
                    "Batch requests cannot be longer than \(SQSSendMessageBatch.maxBytes) bytes. You have sent \(size) bytes.")
            }
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let sent = try await self.sqs.write { table in
            _ = try self.sqs.queue(input.queue, for: context.caller, in: table)
            return try input.batch.run { try table.send($0, to: try table.existing(input.queue), from: context.caller.id) }
        }
        self.sqs.signals.signal(input.queue)
        return sent
    }
}

extension SQSTable {
    /// - Returns: what SendMessage answers.
    func send(_ draft: SQSDraft, to queue: SQSQueue, from sender: String) throws -> JSONObject {
        let maxSize = queue.attributes.number("MaximumMessageSize")
        guard draft.size <= maxSize else {
            throw AWSError.sqs(
                "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than \(maxSize) bytes.")
        }
        let delay = draft.delaySeconds ?? queue.attributes.number("DelaySeconds")
        let message = SQSMessage(draft, sender: sender, delaySeconds: delay, at: self.now)
        try self.append([message], to: queue)
        var output: JSONObject = ["MessageId": .string(message.id), "MD5OfMessageBody": .string(SQSMessageAttributes.md5(draft.body))]
        if let md5 = draft.attributes.md5 { output["MD5OfMessageAttributes"] = .string(md5) }
        if let trace = draft.trace {
            let system = SQSMessageAttributes(["AWSTraceHeader": .init(type: "String", bytes: Array(trace.utf8))])
            if let md5 = system.md5 { output["MD5OfMessageSystemAttributes"] = .string(md5) }
        }
        return output
    }
}
