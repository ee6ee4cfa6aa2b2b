import AWSAPI
import JSON

/// The destination that an operation is about.
struct DestinationARNInput: OperationDecodable {
    let arn: String

    init(_ input: OperationInput) throws { self.arn = try input.string("arn", in: .label, max: 2048) }
}

/// `GET /destinations/{arn}`.
struct GetTopicRuleDestination: AWSOperation {
    static let route = OperationRoute(.iot, "GetTopicRuleDestination", "GET", "/destinations/{arn+}")

    let destinations: RuleDestinations

    func handle(_ input: DestinationARNInput, _ context: OperationContext) async throws -> JSONObject {
        let found = try await self.destinations.get(input.arn)
        return ["topicRuleDestination": .object(found.description(arn: self.destinations.arn(found)))]
    }
}

/// `DELETE /destinations/{arn}`: rules that use it fail from then on. A VPC's is gone at once, without DELETING.
struct DeleteTopicRuleDestination: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteTopicRuleDestination", "DELETE", "/destinations/{arn+}")

    let destinations: RuleDestinations

    func handle(_ input: DestinationARNInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.destinations.delete(input.arn)
        return EmptyOutput()
    }
}

/// `PATCH /destinations`: switches a confirmed destination off and on, or asks for a confirmation once more.
struct UpdateTopicRuleDestination: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateTopicRuleDestination", "PATCH", "/destinations")

    struct Input: OperationDecodable {
        let arn: String
        let status: String

        init(_ input: OperationInput) throws {
            self.arn = try input.string("arn", max: 2048)
            self.status = try input.word("status", of: ["ENABLED", "IN_PROGRESS", "DISABLED", "ERROR", "DELETING"])
        }
    }

    let destinations: RuleDestinations

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.destinations.setStatus(input.status, of: input.arn)
        return EmptyOutput()
    }
}

/// `GET /confirmdestination/{token}`: says that the endpoint wants what rules send. Whoever has the token may: it went to the endpoint
/// only, which opens this address in a browser or with any HTTP client.
struct ConfirmTopicRuleDestination: AWSOperation {
    static let route = OperationRoute(
        .iot, "ConfirmTopicRuleDestination", "GET", "/confirmdestination/{confirmationToken+}", acceptsUnsigned: true)

    struct Input: OperationDecodable {
        let token: String

        init(_ input: OperationInput) throws { self.token = try input.string("confirmationToken", in: .label, max: 2048) }
    }

    let destinations: RuleDestinations

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.destinations.confirm(token: input.token)
        return EmptyOutput()
    }
}

/// `GET /destinations`: all destinations, in the order of their ARNs.
struct ListTopicRuleDestinations: AWSOperation {
    static let route = OperationRoute(.iot, "ListTopicRuleDestinations", "GET", "/destinations")
    static let maxPage = 1_000
    static let defaultPage = 100

    struct Input: OperationDecodable {
        let maxResults: Int
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.maxResults =
                try input.optionalInt("maxResults", in: .query, range: 1...ListTopicRuleDestinations.maxPage)
                ?? ListTopicRuleDestinations.defaultPage
            self.nextToken = try input.optionalString("nextToken", in: .query)
        }
    }

    let destinations: RuleDestinations

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let start = try context.pages.position(in: input.nextToken)
        let found = try await self.destinations.page(after: start ?? "", count: input.maxResults + 1)
        let page = found.prefix(input.maxResults)
        var output: JSONObject = [
            "destinationSummaries": .array(
                page.map { .object($0.description(arn: self.destinations.arn($0), isSummary: true)) })
        ]
        if found.count > page.count, let last = page.last { output["nextToken"] = .string(context.pages.token(after: last.id)) }
        return output
    }
}
