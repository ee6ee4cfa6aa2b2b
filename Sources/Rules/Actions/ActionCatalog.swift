import AWSAPI
import JSON

/// The actions that rules may have, by their member of the API's `Action`.
struct ActionCatalog: Sendable {
    private let types: [String: any RuleAction.Type]
    let services: ActionServices

    /// - Parameter kinds: those that rules may have.
    init(services: ActionServices, kinds: [any RuleAction.Type] = Self.all) {
        self.services = services
        self.types = Dictionary(kinds.map { ($0.key, $0) }) { first, _ in first }
    }

    static let all: [any RuleAction.Type] = [
        CloudwatchAlarmAction.self, CloudwatchLogsAction.self, CloudwatchMetricAction.self, DynamoDBAction.self, DynamoDBv2Action.self,
        ElasticsearchAction.self, FirehoseAction.self, HTTPAction.self, IotEventsAction.self, KafkaAction.self, KinesisAction.self,
        LambdaAction.self,
        OpenSearchAction.self,
        RepublishAction.self, S3Action.self, SNSAction.self, SQSAction.self, StepFunctionsAction.self, TimestreamAction.self,
    ]

    /// What a rule cannot have, said by name when the rule is made: all other members of `Action`.
    private static let others: Set<String> = [
        "salesforce", "iotAnalytics", "iotSiteWise", "location", "influxDB",
    ]

    /// - Parameter place: where it stands in the request, for messages.
    func action(_ value: JSONValue, at place: String, in statement: SQLStatement) throws(AWSError) -> any RuleAction {
        guard case .object(let object) = value else {
            throw .invalidRequest("\(place) is \(value.kindName), not an action: give an object with one member.")
        }
        let members = object.filter { !$0.value.isNull }
        guard members.count == 1, let member = members.first else {
            throw .invalidRequest("\(place) has \(members.count) members: an action has exactly one, which names its kind.")
        }
        guard let type = self.types[member.key] else {
            throw .invalidRequest(
                Self.others.contains(member.key)
                    ? "The action \(member.key) at \(place) is not supported by Roost."
                    : "There is no action \(member.key), which \(place) asks for.")
        }
        guard case .object(let fields) = member.value else {
            throw .invalidRequest("\(place).\(member.key) is \(member.value.kindName), not an object with the action's fields.")
        }
        return try type.init(ActionFields(input: .nested(fields), statement: statement, services: self.services))
    }
}
