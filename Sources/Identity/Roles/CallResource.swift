import AWSAPI
import JSON

/// What an operation acts on, as policies of roles name it (Service Authorization Reference).
enum CallResource: Sendable, Hashable {
    /// By its whole ARN, or `*` for an operation that has no resource.
    case named(String)
    /// It has one that is not known here: only a statement for all resources allows it, and one that denies it for any denies it.
    case unknown

    /// Labels of a path that name a resource of AWS IoT, with what is before the name in its ARN.
    private static let labels: [String: String] = [
        "thingName": "thing/", "thingGroupName": "thinggroup/", "thingTypeName": "thingtype/", "billingGroupName": "billinggroup/",
        "policyName": "policy/", "certificateId": "cert/", "caCertificateId": "cacert/", "ruleName": "rule/", "roleAlias": "rolealias/",
        "indexName": "index/", "topic": "topic/", "clientId": "client/",
    ]

    /// - Parameter input: of the operation.
    init(of route: OperationRoute, _ input: OperationInput, in account: AccountContext) {
        guard route.service == .iot || route.service == .iotData else {
            self = .unknown
            return
        }
        let named = input.labels.compactMap { label, value in Self.labels[label].map { account.arn(service: "iot", $0 + value) } }
        // One with two resources, such as a policy and what it is attached to, is about both.
        switch named.count {
        case 0:
            self = route.name.hasPrefix("List") || route.name.hasPrefix("Describe") || route.name.hasPrefix("Get") ? .named("*") : .unknown
        case 1: self = .named(named[0])
        default: self = .unknown
        }
    }
}

extension OperationRoute {
    /// The action as policies name it: `iot:Publish`.
    var policyAction: PolicyAction {
        let prefix =
            switch self.service.name {
            case "iot-data", "iot-jobs-data": "iot"
            case "stepfunctions": "states"
            case "timestream-write": "timestream"
            default: self.service.name
            }
        return PolicyAction("\(prefix):\(self.name)")
    }
}
