import AWSAPI
import JSON

/// Takes messages. With a wait it answers when there are some, or when the wait is over (long polling).
struct SQSReceiveMessage: AWSOperation {
    static let route = OperationRoute(.sqs, "ReceiveMessage")

    struct Input: OperationDecodable {
        let queue: String
        let max: Int
        let hiddenSeconds: Int?
        let waitSeconds: Int?
        let systemAttributes: Set<String>
        let attributes: [String]

        init(_ input: OperationInput) throws {
            self.queue = try SQSTarget.name(in: input)
            self.max = try input.optionalInt("MaxNumberOfMessages") ?? 1
            guard (1...10).contains(self.max) else {
                throw AWSError.sqsParameter("MaxNumberOfMessages", self.max, "Must be between 1 and 10, if provided.")
            }
            self.hiddenSeconds = try input.optionalInt("VisibilityTimeout", range: 0...43_200)
            self.waitSeconds = try input.optionalInt("WaitTimeSeconds", range: 0...20)
            let names = try input.optionalStringList("MessageSystemAttributeNames") ?? []
            self.systemAttributes = Set(names + (try input.optionalStringList("AttributeNames") ?? []))
            self.attributes = try input.optionalStringList("MessageAttributeNames") ?? []
        }
    }

    let sqs: SQSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let messages = try await self.messages(input)
        guard !messages.isEmpty else { return [:] }
        return ["Messages": .array(try messages.map { .object(try self.described($0, input)) })]
    }

    private func messages(_ input: Input) async throws -> [SQSMessage] {
        let start = ContinuousClock.now
        while true {
            let mark = self.sqs.signals.mark(input.queue)
            let now = self.sqs.clock()
            let (waitSeconds, next) = try await self.sqs.read { table in
                let queue = try table.existing(input.queue)
                let waitSeconds = input.waitSeconds ?? queue.attributes.number("ReceiveMessageWaitTimeSeconds")
                return (waitSeconds, try table.nextVisible(in: queue.name))
            }
            if let next, next <= now {
                let received = try await self.take(input)
                if !received.isEmpty { return received }
                // Another receiver was faster, or all were dead letters: there may be more.
                continue
            }
            let left = start + .seconds(waitSeconds) - .now
            guard left > .zero, !Task.isCancelled, !self.sqs.signals.isStopped else { return [] }
            let untilVisible = next.map { Duration.milliseconds($0 - now) }
            await self.sqs.signals.wait(for: input.queue, after: mark, atMost: min(left, untilVisible ?? left))
        }
    }

    private func take(_ input: Input) async throws -> [SQSMessage] {
        let (messages, moved) = try await self.sqs.write { table in
            let queue = try table.existing(input.queue)
            let hiddenSeconds = input.hiddenSeconds ?? queue.attributes.number("VisibilityTimeout")
            return try table.receive(from: queue, max: input.max, hiddenSeconds: hiddenSeconds)
        }
        for queue in Set(moved) { self.sqs.signals.signal(queue) }
        return messages
    }

    private func described(_ message: SQSMessage, _ input: Input) throws -> JSONObject {
        var object: JSONObject = [
            "MessageId": .string(message.id), "ReceiptHandle": .string(message.receiptHandle),
            "MD5OfBody": .string(SQSMessageAttributes.md5(message.body)), "Body": .string(message.body),
        ]
        let system = self.system(message).filter { input.systemAttributes.contains("All") || input.systemAttributes.contains($0.key) }
        if !system.isEmpty { object["Attributes"] = .object(JSONObject(system.map { ($0.key, .string($0.value)) })) }
        let attributes = try SQSMessageAttributes(message.attributes).selected(by: input.attributes)
        if let md5 = attributes.md5 {
            object["MD5OfMessageAttributes"] = .string(md5)
            object["MessageAttributes"] = .object(attributes.json)
        }
        return object
    }

    private func system(_ message: SQSMessage) -> [(key: String, value: String)] {
        var system = [
            ("SenderId", message.sender), ("SentTimestamp", "\(message.sentAt)"), ("ApproximateReceiveCount", "\(message.receives)"),
            ("ApproximateFirstReceiveTimestamp", "\(message.firstReceivedAt ?? message.sentAt)"),
        ]
        if let trace = message.trace { system.append(("AWSTraceHeader", trace)) }
        if let origin = message.origin { system.append(("DeadLetterQueueSourceArn", self.sqs.arn(of: origin))) }
        return system.map { (key: $0.0, value: $0.1) }
    }
}
