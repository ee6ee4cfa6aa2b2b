import AWSAPI
import HTTPTypes
import JSON
import Logging
import NIOCore
import Storage

/// The embedded SNS: topics that keep what is published, and hand it to queues and functions of this server.
struct SNSTarget: EmbeddedTarget {
    let log: LogTarget
    /// Where its subscribers are.
    let sqs: SQSTarget

    var service: String { self.log.service }
    var store: any Store { self.log.store }

    func contents() async throws -> [TargetSummary] { try await self.log.contents() }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.log.records(of: name, after: position, limit: limit)
    }

    func record(of name: String, key: String) async throws -> TargetRecord? { try await self.log.record(of: name, key: key) }

    // MARK: Names

    private static let namePattern = InputPattern("[A-Za-z0-9_-]+", ranges: ["az", "AZ", "09"], others: "_-")
    private static let maxNameCharacters = 256

    static func checkName(_ name: String) throws(AWSError) {
        guard !name.hasSuffix(".fifo") else { throw .snsParameter("Topic Name: FIFO topics are not supported by Roost") }
        guard Self.namePattern.matches(name), name.utf8.count <= Self.maxNameCharacters else { throw .snsParameter("Topic Name") }
    }

    /// The last part of a topic's ARN, whatever region and account it names: topics have one name here.
    static func topic(in input: OperationInput, member: String = "TopicArn") throws(AWSError) -> String {
        let arn = try input.optionalString(member) ?? ""
        let parts = arn.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "sns", !parts[5].isEmpty else {
            throw .snsParameter("\(member) Reason: no topic's ARN")
        }
        return String(parts[5])
    }

    func arn(of topic: String) -> String { self.sqs.account.arn(service: "sns", topic) }
    func arn(of subscription: SNSSubscription) -> String { "\(self.arn(of: subscription.topic)):\(subscription.id)" }

    /// - Throws: NotFound.
    func existing(_ topic: String, _ connection: any StoreConnection) throws -> RecordLog.Entry {
        guard let entry = try self.log.log(connection).entry(topic) else { throw AWSError.noTopic }
        return entry
    }

    func create(_ topic: String, attributes: JSONObject = [:], _ connection: any StoreConnection) throws {
        guard try self.log.log(connection).create(topic, kind: "topic", attributes: attributes, at: self.sqs.clock()) else {
            throw AWSError.sns(
                "TopicLimitExceeded", "This server has \(self.log.limits.maxTargets) topics, which is all that it takes: delete some.",
                status: 403)
        }
    }

    // MARK: Publishing

    private static let principal = "sns.amazonaws.com"

    /// Keeps messages and hands them to the topic's queues, in one transaction, and then to its functions.
    func publish(_ messages: [SNSMessage], to topic: String, _ context: OperationContext) async throws {
        let now = self.sqs.clock()
        let subscriptions = try await self.store.write { connection in
            let log = self.log.log(connection)
            if try log.entry(topic) == nil {
                // For a rule a topic is made, since nobody else would; others have to make it.
                guard case .service = context.caller else { throw AWSError.noTopic }
                try Self.checkName(topic)
                try self.create(topic, connection)
            }
            try log.append(messages.map { $0.record(at: now) }, to: topic)
            let subscriptions = try SNSSubscriptions(connection: connection).all(of: topic)
            for subscription in subscriptions where subscription.kind == .sqs {
                try self.send(messages, to: subscription, at: now, connection)
            }
            return subscriptions
        }
        for subscription in subscriptions {
            switch subscription.kind {
            case .sqs: self.sqs.signals.signal(subscription.endpoint)
            case .lambda: for message in messages { await self.invoke(subscription, with: message, at: now, context) }
            }
        }
    }

    /// A queue that is gone gets nothing, as in SNS; the topic has kept the messages.
    private func send(
        _ messages: [SNSMessage], to subscription: SNSSubscription, at now: Int64, _ connection: any StoreConnection
    ) throws {
        let table = self.sqs.table(connection)
        guard let queue = try table.queue(subscription.endpoint) else { return }
        let arn = self.arn(of: subscription.topic)
        let drafts = messages.map { message in
            if subscription.isRaw { return SQSDraft(body: message.text(for: .sqs), attributes: message.attributes) }
            return SQSDraft(body: JSONValue.object(message.envelope(for: .sqs, topicARN: arn, at: now)).serialized())
        }
        let delay = queue.attributes.number("DelaySeconds")
        try table.append(drafts.map { SQSMessage($0, sender: Self.principal, delaySeconds: delay, at: now) }, to: queue)
    }

    /// The function's service keeps the event before it answers. What it refuses is told in the log only, as in SNS: the publisher is done.
    private func invoke(
        _ subscription: SNSSubscription, with message: SNSMessage, at now: Int64, _ context: OperationContext
    ) async {
        var request = Self.call(subscription.endpoint, "Invoke", "POST", "invocations")
        if let name = HTTPField.Name("X-Amz-Invocation-Type") { request.headers[name] = "Event" }
        let arn = self.arn(of: subscription.topic)
        let event = message.event(topicARN: arn, subscriptionARN: self.arn(of: subscription), at: now)
        request.body = ByteBuffer(bytes: JSONValue.object(event).serializedBytes())
        request.sourceARN = arn
        guard let refusal = await context.services.send(request, as: Self.principal).refusal else { return }
        context.logger.warning(
            "A topic's message did not reach a function",
            metadata: ["topic": "\(subscription.topic)", "function": "\(subscription.endpoint)", "error": "\(refusal)"])
    }

    private static func call(_ function: String, _ operation: String, _ method: String, _ what: String) -> ServiceRequest {
        var request = ServiceRequest(service: "lambda", operation: operation)
        request.method = method
        request.target = "/2015-03-31/functions/\(ServiceRequest.label(function))/\(what)"
        return request
    }

    /// - Throws: InvalidParameter.
    func checkFunction(_ arn: String, _ context: OperationContext) async throws(AWSError) {
        let answer = await context.services.send(Self.call(arn, "GetFunctionConfiguration", "GET", "configuration"), as: Self.principal)
        guard let refusal = answer.refusal else { return }
        throw .snsParameter("Endpoint Reason: there is no function \(arn.prefix(256)) in this server (\(refusal.message)); create it first")
    }
}
