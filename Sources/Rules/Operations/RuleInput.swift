import AWSAPI
import JSON

/// The rule that an operation is about.
struct RuleNameInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws {
        self.name = try input.string("ruleName", in: .label, max: RulesLimits.maxNameCharacters, pattern: .ruleName)
    }
}

/// A rule and its whole payload, which is the body.
struct RulePayloadInput: OperationDecodable {
    let name: String
    let payload: JSONObject

    init(_ input: OperationInput) throws {
        self.name = try RuleNameInput(input).name
        self.payload = try input.bodyObject()
    }
}

extension AWSError {
    /// AWS says of a rule that does not exist what it says of one that is not yours (AWS IoT Developer Guide, rules).
    static func noRule(_ name: String) -> AWSError { .unauthorized("Access to topic rule '\(name)' was denied") }
}
