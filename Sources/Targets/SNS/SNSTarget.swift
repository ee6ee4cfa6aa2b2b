import AWSAPI
import Foundation
import JSON
import Storage

/// The embedded SNS: topics that keep what is published, and hand it to queues of the embedded SQS.
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

    /// Keeps messages and hands them to the topic's queues, in one transaction.
    func publish(_ messages: [SNSMessage], to topic: String, for caller: Caller) async throws {
        let queues = try await self.store.write { connection in
            let log = self.log.log(connection)
            if try log.entry(topic) == nil {
                // For a rule a topic is made, since nobody else would; others have to make it.
                guard case .service = caller else { throw AWSError.noTopic }
                try Self.checkName(topic)
                try self.create(topic, connection)
            }
            let now = self.sqs.clock()
            try log.append(messages.map { $0.record(at: now) }, to: topic)
            let subscriptions = try SNSSubscriptions(connection: connection).all(of: topic)
            for subscription in subscriptions { try self.deliver(messages, to: subscription, at: now, connection) }
            return subscriptions.map(\.endpoint)
        }
        for queue in queues { self.sqs.signals.signal(queue) }
    }

    /// A queue that is gone gets nothing, as in SNS; the topic has kept the messages.
    private func deliver(
        _ messages: [SNSMessage], to subscription: SNSSubscription, at now: Int64, _ connection: any StoreConnection
    ) throws {
        let table = self.sqs.table(connection)
        guard let queue = try table.queue(subscription.endpoint) else { return }
        let arn = self.arn(of: subscription.topic)
        let drafts = messages.map { message in
            subscription.isRaw
                ? SQSDraft(body: message.text(for: subscription.kind), attributes: message.attributes)
                : SQSDraft(body: message.envelope(for: subscription.kind, topicARN: arn, at: now))
        }
        let delay = queue.attributes.number("DelaySeconds")
        try table.append(drafts.map { SQSMessage($0, sender: "sns.amazonaws.com", delaySeconds: delay, at: now) }, to: queue)
    }
}
