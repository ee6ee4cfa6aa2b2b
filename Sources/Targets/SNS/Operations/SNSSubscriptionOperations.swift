import AWSAPI
import Foundation
import JSON
import Storage

/// Subscribes a queue or a function of this server. Other protocols are refused by name: nothing would get there.
struct SNSSubscribe: AWSOperation {
    static let route = OperationRoute(.sns, "Subscribe")

    struct Input: OperationDecodable {
        let topic: String
        let kind: SNSSubscription.Kind
        /// The name of a queue, or a function's ARN.
        let endpoint: String
        let isRaw: Bool

        init(_ input: OperationInput) throws {
            self.topic = try SNSTarget.topic(in: input)
            let name = try input.string("Protocol")
            guard let kind = SNSSubscription.Kind(rawValue: name) else {
                throw AWSError.snsParameter("Protocol Reason: \(name.prefix(64)) is not supported by Roost; sqs and lambda are")
            }
            self.kind = kind
            let arn = try input.string("Endpoint")
            let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
            guard parts.count == 6, parts[0] == "arn", parts[2] == kind.rawValue, !parts[5].isEmpty else {
                throw AWSError.snsParameter(kind == .sqs ? "SQS endpoint ARN" : "Lambda endpoint ARN")
            }
            self.endpoint = kind == .sqs ? String(parts[5]) : arn
            var isRaw = false
            for (name, value) in try input.optionalStringMap("Attributes") ?? [:] {
                isRaw = try SNSSubscribe.isRaw(name, value) || isRaw
            }
            guard !isRaw || kind == .sqs else {
                throw AWSError.snsParameter("Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.")
            }
            self.isRaw = isRaw
        }
    }

    /// The one attribute that subscriptions have here.
    static func isRaw(_ name: String, _ value: String) throws(AWSError) -> Bool {
        guard name == "RawMessageDelivery" else {
            if value.isEmpty { return false }
            throw .snsParameter("Attributes Reason: the subscription attribute \(name.prefix(100)) is not supported by Roost")
        }
        guard let isRaw = Bool(value.lowercased()) else { throw .snsParameter("Attributes Reason: RawMessageDelivery is true or false") }
        return isRaw
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        if input.kind == .lambda { try await self.sns.checkFunction(input.endpoint, context) }
        let subscription = try await self.sns.store.write { connection in
            _ = try self.sns.existing(input.topic, connection)
            let subscriptions = SNSSubscriptions(connection: connection)
            if let there = try subscriptions.find(topic: input.topic, kind: input.kind, endpoint: input.endpoint) {
                guard there.isRaw == input.isRaw else {
                    throw AWSError.snsParameter("Attributes Reason: Subscription already exists with different attributes")
                }
                return there
            }
            guard try input.kind != .sqs || self.sns.sqs.table(connection).queue(input.endpoint) != nil else {
                throw AWSError.snsParameter("Endpoint Reason: there is no queue \(input.endpoint); create it first")
            }
            guard try subscriptions.count(of: input.topic) < SNSSubscriptions.maxPerTopic else {
                throw AWSError.sns(
                    "SubscriptionLimitExceeded", "A topic has at most \(SNSSubscriptions.maxPerTopic) subscriptions.", status: 403)
            }
            let new = SNSSubscription(
                id: UUID().uuidString.lowercased(), topic: input.topic, kind: input.kind, endpoint: input.endpoint, isRaw: input.isRaw)
            try subscriptions.insert(new)
            return new
        }
        return ["SubscriptionArn": .string(self.sns.arn(of: subscription))]
    }
}

/// The input of operations on one subscription that say nothing but which.
struct SNSSubscriptionInput: OperationDecodable {
    let id: String

    init(_ input: OperationInput) throws { self.id = try SNSSubscriptionInput.id(in: input) }

    static func id(in input: OperationInput) throws(AWSError) -> String {
        let parts = try input.string("SubscriptionArn").split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "arn", parts[2] == "sns" else { throw .snsParameter("SubscriptionArn") }
        return String(parts[6])
    }
}

struct SNSUnsubscribe: AWSOperation {
    static let route = OperationRoute(.sns, "Unsubscribe")
    let sns: SNSTarget

    /// What is not there is deleted, too.
    func handle(_ input: SNSSubscriptionInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sns.store.write { try SNSSubscriptions(connection: $0).delete(input.id) }
        return EmptyOutput()
    }
}

struct SNSGetSubscriptionAttributes: AWSOperation {
    static let route = OperationRoute(.sns, "GetSubscriptionAttributes")
    let sns: SNSTarget

    func handle(_ input: SNSSubscriptionInput, _ context: OperationContext) async throws -> JSONObject {
        guard let subscription = try await self.sns.store.read({ try SNSSubscriptions(connection: $0).find(input.id) }) else {
            throw AWSError.noSubscription
        }
        let attributes = self.sns.described(subscription).compactMap { member in
            member.value.stringValue.map { (key: member.key, value: $0) }
        }
        let others = [
            (key: "ConfirmationWasAuthenticated", value: "true"), (key: "PendingConfirmation", value: "false"),
            (key: "RawMessageDelivery", value: subscription.isRaw ? "true" : "false"),
        ]
        return ["Attributes": XMLText.map(attributes + others)]
    }
}

struct SNSSetSubscriptionAttributes: AWSOperation {
    static let route = OperationRoute(.sns, "SetSubscriptionAttributes")

    struct Input: OperationDecodable {
        let id: String
        /// Nil when nothing changes.
        let isRaw: Bool?

        init(_ input: OperationInput) throws {
            self.id = try SNSSubscriptionInput.id(in: input)
            let name = try input.string("AttributeName")
            let isRaw = try SNSSubscribe.isRaw(name, try input.optionalString("AttributeValue") ?? "")
            self.isRaw = name == "RawMessageDelivery" ? isRaw : nil
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sns.store.write { connection in
            let subscriptions = SNSSubscriptions(connection: connection)
            guard let there = try subscriptions.find(input.id) else { throw AWSError.noSubscription }
            guard input.isRaw != true || there.kind == .sqs else {
                throw AWSError.snsParameter("Attributes Reason: Delivery protocol [lambda] does not support raw message delivery.")
            }
            if let isRaw = input.isRaw { try subscriptions.setRaw(isRaw, of: input.id) }
        }
        return EmptyOutput()
    }
}

struct SNSListSubscriptions: AWSOperation {
    static let route = OperationRoute(.sns, "ListSubscriptions")
    let sns: SNSTarget

    func handle(_ input: SNSPageInput, _ context: OperationContext) async throws -> JSONObject {
        try await self.sns.subscriptions(of: nil, token: input.token, context)
    }
}

struct SNSListSubscriptionsByTopic: AWSOperation {
    static let route = OperationRoute(.sns, "ListSubscriptionsByTopic")

    struct Input: OperationDecodable {
        let topic: String
        let token: String?

        init(_ input: OperationInput) throws {
            self.topic = try SNSTarget.topic(in: input)
            self.token = try input.optionalString("NextToken")
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.sns.subscriptions(of: input.topic, token: input.token, context)
    }
}

extension SNSTarget {
    fileprivate func described(_ subscription: SNSSubscription) -> JSONObject {
        [
            "SubscriptionArn": .string(self.arn(of: subscription)), "Owner": .string(self.sqs.account.account),
            "Protocol": .string(subscription.kind.rawValue),
            "Endpoint": .string(subscription.kind == .sqs ? self.sqs.arn(of: subscription.endpoint) : subscription.endpoint),
            "TopicArn": .string(self.arn(of: subscription.topic)),
        ]
    }

    fileprivate func subscriptions(of topic: String?, token: String?, _ context: OperationContext) async throws -> JSONObject {
        let after = try context.pages.position(in: token, query: [topic]) ?? ""
        let size = SNSListTopics.pageSize
        let found = try await self.store.read { connection in
            if let topic { _ = try self.existing(topic, connection) }
            return try SNSSubscriptions(connection: connection).page(of: topic, after: after, limit: size + 1)
        }
        var output: JSONObject = ["Subscriptions": .array(found.prefix(size).map { .object(self.described($0)) })]
        if found.count > size { output["NextToken"] = .string(context.pages.token(after: found[size - 1].id, query: [topic])) }
        return output
    }

    var operations: [any AWSOperation] {
        [
            SNSCreateTopic(sns: self), SNSDeleteTopic(sns: self), SNSGetTopicAttributes(sns: self), SNSSetTopicAttributes(sns: self),
            SNSListTopics(sns: self), SNSListTagsForResource(sns: self), SNSTagResource(sns: self), SNSUntagResource(sns: self),
            SNSPublish(sns: self), SNSPublishBatch(sns: self), SNSSubscribe(sns: self),
            SNSUnsubscribe(sns: self), SNSGetSubscriptionAttributes(sns: self), SNSSetSubscriptionAttributes(sns: self),
            SNSListSubscriptions(sns: self), SNSListSubscriptionsByTopic(sns: self),
        ]
    }
}
