import AWSAPI
import JSON

struct SQSDeleteMessage: AWSOperation {
    static let route = OperationRoute(.sqs, "DeleteMessage")

    struct Input: OperationDecodable {
        let queue: String
        let receipt: SQSReceipt

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.receipt = try SQSReceipt(try input.string("ReceiptHandle"))
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { try $0.delete(input.receipt, from: try $0.existing(input.queue).name) }
        return EmptyOutput()
    }
}

struct SQSDeleteMessageBatch: AWSOperation {
    static let route = OperationRoute(.sqs, "DeleteMessageBatch")

    struct Input: OperationDecodable {
        let queue: String
        let batch: SQSBatch<SQSReceipt>

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.batch = try SQSBatch(input) { (entry) throws(AWSError) in try SQSReceipt(try entry.string("ReceiptHandle")) }
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.sqs.write { table in
            let queue = try table.existing(input.queue)
            return try input.batch.run { receipt in
                try table.delete(receipt, from: queue.name)
                return [:]
            }
        }
    }
}

/// How long one received message stays hidden from now on.
struct SQSVisibility: Sendable {
    let receipt: SQSReceipt
    let seconds: Int

    init(_ input: OperationInput) throws(AWSError) {
        self.receipt = try SQSReceipt(try input.string("ReceiptHandle"))
        self.seconds = try input.int("VisibilityTimeout", range: 0...43_200)
    }
}

struct SQSChangeMessageVisibility: AWSOperation {
    static let route = OperationRoute(.sqs, "ChangeMessageVisibility")

    struct Input: OperationDecodable {
        let queue: String
        let change: SQSVisibility

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.change = try SQSVisibility(input)
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sqs.write { table in
            let queue = try table.existing(input.queue)
            try table.setVisibility(of: input.change.receipt, in: queue.name, seconds: input.change.seconds)
        }
        self.sqs.signals.signal(input.queue)
        return EmptyOutput()
    }
}

struct SQSChangeMessageVisibilityBatch: AWSOperation {
    static let route = OperationRoute(.sqs, "ChangeMessageVisibilityBatch")

    struct Input: OperationDecodable {
        let queue: String
        let batch: SQSBatch<SQSVisibility>

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.batch = try SQSBatch(input) { (entry) throws(AWSError) in try SQSVisibility(entry) }
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let changed = try await self.sqs.write { table in
            let queue = try table.existing(input.queue)
            return try input.batch.run { change in
                try table.setVisibility(of: change.receipt, in: queue.name, seconds: change.seconds)
                return [:]
            }
        }
        self.sqs.signals.signal(input.queue)
        return changed
    }
}
