package import JSON

/// What statements may ask of other rooms (reference 5.6, external functions); `roost` hands it in.
package protocol RuleSources: Sendable {
    /// The document of a shadow as JSON text; nil when there is none.
    func shadowDocument(thing: String, shadow: String?) async throws -> [UInt8]?
    /// What DescribeThing answers; nil when there is no such thing.
    func thingDescription(_ thing: String) async throws -> JSONObject?
}

/// Answers the functions of SQL that leave the process.
struct RuleExternalFunctions: SQLExternalFunctions {
    let sources: any RuleSources

    func answer(_ call: SQLExternalCall) async throws -> JSONValue? {
        switch call {
        case .thingShadow(let thing, let shadow, _):
            guard let document = try await self.sources.shadowDocument(thing: thing, shadow: shadow) else { return nil }
            return try JSONValue(parsing: document)
        case .registryData(.describeThing, let thing, _):
            return try await self.sources.thingDescription(thing).map(JSONValue.object)
        default:
            throw UnsupportedFunction(name: call.functionName)
        }
    }

    /// Functions that a rule cannot have yet: it is refused when it is made.
    static let unsupported: Set<String> = ["aws_lambda", "get_dynamodb", "get_secret", "machinelearning_predict", "decode"]
}

struct UnsupportedFunction: Error, CustomStringConvertible {
    let name: String
    var description: String { "The function \(self.name) is not supported by Roost." }
}
