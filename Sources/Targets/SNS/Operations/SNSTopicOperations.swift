import AWSAPI
import JSON
import Storage

/// The attributes of a topic that this server has.
enum SNSTopicAttributes {
    static let maxDisplayNameCharacters = 100

    /// - Throws: InvalidParameter, which names what is not there.
    static func check(_ name: String, _ value: String) throws(AWSError) {
        guard name == "DisplayName" else {
            // What a topic here is anyway, off; Terraform sends it.
            if ["", "0", "false"].contains(value) { return }
            throw .snsParameter("Attributes Reason: the topic attribute \(name.prefix(100)) is not supported by Roost")
        }
        guard value.count <= Self.maxDisplayNameCharacters else { throw .snsParameter("DisplayName") }
    }
}

struct SNSCreateTopic: AWSOperation {
    static let route = OperationRoute(.sns, "CreateTopic")

    struct Input: OperationDecodable {
        let name: String
        let attributes: [String: String]
        let tags: [String: String]

        init(_ input: OperationInput) throws {
            self.name = try input.string("Name")
            try SNSTarget.checkName(self.name)
            self.attributes = try input.optionalStringMap("Attributes") ?? [:]
            for (name, value) in self.attributes { try SNSTopicAttributes.check(name, value) }
            self.tags = try LogTags.list(input)
            guard try input.value("DataProtectionPolicy") == nil else {
                throw AWSError.snsParameter("DataProtectionPolicy of topics is not supported by Roost")
            }
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.sns.store.write { connection in
            var attributes: JSONObject = [:]
            if let name = input.attributes["DisplayName"], !name.isEmpty { attributes["DisplayName"] = .string(name) }
            try LogTags.change(&attributes, adding: input.tags)
            guard let entry = try self.sns.log.log(connection).entry(input.name) else {
                return try self.sns.create(input.name, attributes: attributes, connection)
            }
            guard attributes.allSatisfy({ entry.attributes[$0.key] == $0.value }) else {
                throw AWSError.snsParameter("Attributes Reason: Topic already exists with different attributes")
            }
        }
        return ["TopicArn": .string(self.sns.arn(of: input.name))]
    }
}

/// The input of operations on one topic that say nothing but which.
struct SNSTopicInput: OperationDecodable {
    let topic: String

    init(_ input: OperationInput) throws { self.topic = try SNSTarget.topic(in: input) }
}

struct SNSDeleteTopic: AWSOperation {
    static let route = OperationRoute(.sns, "DeleteTopic")
    let sns: SNSTarget

    /// What is not there is deleted, too.
    func handle(_ input: SNSTopicInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sns.store.write { connection in
            _ = try self.sns.log.log(connection).delete(input.topic)
            try SNSSubscriptions(connection: connection).deleteAll(of: input.topic)
        }
        return EmptyOutput()
    }
}

struct SNSGetTopicAttributes: AWSOperation {
    static let route = OperationRoute(.sns, "GetTopicAttributes")
    let sns: SNSTarget

    func handle(_ input: SNSTopicInput, _ context: OperationContext) async throws -> JSONObject {
        let (entry, subscriptions) = try await self.sns.store.read { connection in
            (try self.sns.existing(input.topic, connection), try SNSSubscriptions(connection: connection).count(of: input.topic))
        }
        let attributes = [
            (key: "DisplayName", value: entry.attributes["DisplayName"]?.stringValue ?? ""), (key: "Owner", value: context.account.account),
            (key: "Policy", value: self.policy(of: input.topic, context.account.account)),
            (key: "SubscriptionsConfirmed", value: "\(subscriptions)"), (key: "SubscriptionsDeleted", value: "0"),
            (key: "SubscriptionsPending", value: "0"), (key: "TopicArn", value: self.sns.arn(of: input.topic)),
        ]
        return ["Attributes": XMLText.map(attributes)]
    }

    /// What every topic here has, and AWS gives a new one: its account may do all with it.
    private func policy(of topic: String, _ account: String) -> String {
        let actions = [
            "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
            "ListSubscriptionsByTopic", "Publish",
        ]
        let statement: JSONValue = [
            "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": ["AWS": "*"],
            "Action": .array(actions.map { .string("SNS:\($0)") }), "Resource": .string(self.sns.arn(of: topic)),
            "Condition": ["StringEquals": ["AWS:SourceOwner": .string(account)]],
        ]
        return JSONValue.object(["Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]]).serialized()
    }
}

struct SNSSetTopicAttributes: AWSOperation {
    static let route = OperationRoute(.sns, "SetTopicAttributes")

    struct Input: OperationDecodable {
        let topic: String
        let name: String
        let value: String

        init(_ input: OperationInput) throws {
            self.topic = try SNSTarget.topic(in: input)
            self.name = try input.string("AttributeName")
            self.value = try input.optionalString("AttributeValue") ?? ""
            try SNSTopicAttributes.check(self.name, self.value)
        }
    }

    let sns: SNSTarget

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.sns.store.write { connection in
            var attributes = try self.sns.existing(input.topic, connection).attributes
            if input.name == "DisplayName" { attributes["DisplayName"] = .string(input.value) }
            try self.sns.log.log(connection).setAttributes(attributes, of: input.topic)
        }
        return EmptyOutput()
    }
}

struct SNSListTopics: AWSOperation {
    static let route = OperationRoute(.sns, "ListTopics")
    static let pageSize = 100

    let sns: SNSTarget

    func handle(_ input: SNSPageInput, _ context: OperationContext) async throws -> JSONObject {
        let after = try context.pages.position(in: input.token) ?? ""
        let names = try await self.sns.store.read { try self.sns.log.log($0).entries().map(\.name) }
        let rest = names.filter { $0 > after }
        var output: JSONObject = ["Topics": .array(rest.prefix(Self.pageSize).map { ["TopicArn": .string(self.sns.arn(of: $0))] })]
        if rest.count > Self.pageSize { output["NextToken"] = .string(context.pages.token(after: rest[Self.pageSize - 1])) }
        return output
    }
}

struct SNSPageInput: OperationDecodable {
    let token: String?

    init(_ input: OperationInput) throws { self.token = try input.optionalString("NextToken") }
}
