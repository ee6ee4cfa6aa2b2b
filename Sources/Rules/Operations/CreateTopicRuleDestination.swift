import AWSAPI
import Identity
import JSON

/// `POST /destinations`: makes a destination. One for HTTP has to be confirmed by its endpoint, one in a VPC is ready at once.
struct CreateTopicRuleDestination: AWSOperation {
    static let route = OperationRoute(.iot, "CreateTopicRuleDestination", "POST", "/destinations")

    struct Input: OperationDecodable {
        /// Exactly one is there.
        let confirmationURL: String?
        let vpc: JSONObject?

        init(_ input: OperationInput) throws {
            let given = try input.object("destinationConfiguration").filter { !$0.value.isNull }
            guard given.count == 1, let member = given.first, case .object(let fields) = member.value else {
                throw AWSError.invalidRequest(
                    "destinationConfiguration has to hold exactly one of httpUrlConfiguration and vpcConfiguration.")
            }
            let configuration = OperationInput.nested(fields)
            switch member.key {
            case "httpUrlConfiguration":
                self.confirmationURL = try configuration.string("confirmationUrl", max: HTTPAddress.maxCharacters)
                self.vpc = nil
            case "vpcConfiguration":
                self.confirmationURL = nil
                self.vpc = try Self.vpc(configuration)
            case "influxDBConfiguration":
                throw AWSError.invalidRequest("influxDBConfiguration is not supported by Roost.")
            default: throw AWSError.invalidRequest("There is no member \(member.key) in destinationConfiguration.")
            }
        }

        private static func vpc(_ input: OperationInput) throws(AWSError) -> JSONObject {
            let role = try input.string("roleArn", max: 2048)
            guard role.hasPrefix("arn:") else { throw .invalidRequest("roleArn: \(role) is not the ARN of a role.") }
            var fields: JSONObject = [
                "subnetIds": .array(try input.stringList("subnetIds", maxCount: 16).map(JSONValue.string)),
                "vpcId": .string(try input.string("vpcId")), "roleArn": .string(role),
            ]
            if let groups = try input.optionalStringList("securityGroups", maxCount: 16) {
                fields["securityGroups"] = .array(groups.map(JSONValue.string))
            }
            return fields
        }
    }

    let destinations: RuleDestinations

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let configuration: RuleDestination.Configuration
        if let url = input.confirmationURL {
            do {
                _ = try HTTPAddress(url, self.destinations.settings)
            } catch {
                throw AWSError.invalidRequest("confirmationUrl: \(error)")
            }
            configuration = .http(confirmationURL: url)
        } else {
            configuration = .vpc(input.vpc ?? [:])
        }
        let made = try await self.destinations.create(configuration)
        return ["topicRuleDestination": .object(made.description(arn: self.destinations.arn(made)))]
    }
}

extension RuleDestination {
    /// As the API shows it; listings have other names for the configuration.
    func description(arn: String, isSummary: Bool = false) -> JSONObject {
        var object: JSONObject = [
            "arn": .string(arn), "status": .string(self.status.rawValue), "createdAt": self.createdAt.json,
            "lastUpdatedAt": self.updatedAt.json,
        ]
        if let reason { object["statusReason"] = .string(reason) }
        switch self.configuration {
        case .http: object[isSummary ? "httpUrlSummary" : "httpUrlProperties"] = .object(self.configuration.json)
        case .vpc: object[isSummary ? "vpcDestinationSummary" : "vpcProperties"] = .object(self.configuration.json)
        }
        return object
    }
}
