package import JSON

/// What statements may ask of other rooms (AWS IoT Developer Guide, rules, external functions); `roost` hands it in.
package protocol RuleSources: Sendable {
    /// The document of a shadow as JSON text; nil when there is none.
    func shadowDocument(thing: String, shadow: String?) async throws -> [UInt8]?
    /// What DescribeThing answers; nil when there is no such thing.
    func thingDescription(_ thing: String) async throws -> JSONObject?
}

/// Answers the functions of SQL that leave the process, for one rule.
struct RuleExternalFunctions: SQLExternalFunctions {
    private let sources: any RuleSources
    private let calls: ExternalCalls
    private let secrets: SecretSource
    private let gate: CallGate
    /// What resource policies ask for; nil outside of a rule.
    private var ruleARN: String?

    init(sources: any RuleSources, services: ActionServices, limits: ExternalCallLimits = ExternalCallLimits()) {
        self.sources = sources
        self.calls = ExternalCalls(services: services, limits: limits)
        self.secrets = SecretSource(services: services, limits: limits)
        self.gate = CallGate(limit: limits.maxCalls, maxWaiting: limits.maxWaiting)
    }

    /// The same with the name of the rule that calls.
    func called(by ruleARN: String) -> RuleExternalFunctions {
        var functions = self
        functions.ruleARN = ruleARN
        return functions
    }

    func answer(_ call: SQLExternalCall) async throws -> JSONValue? {
        switch call {
        case .thingShadow(let thing, let shadow, _):
            guard let document = try await self.sources.shadowDocument(thing: thing, shadow: shadow) else { return nil }
            return try JSONValue(parsing: document)
        case .registryData(.describeThing, let thing, _):
            return try await self.sources.thingDescription(thing).map(JSONValue.object)
        case .lambda(let arn, let payload):
            return try await self.gate.pass { try await self.calls.invoke(arn, payload, for: self.ruleARN) }
        case .dynamoDBItem(let table, let partitionKey, let sortKey, _):
            return try await self.gate.pass { try await self.calls.item(of: table, [partitionKey] + [sortKey].compactMap { $0 }) }
        case .secret(let id, let type, let key, _):
            // What is cached needs no room in the gate.
            if let secret = try self.secrets.known(id) { return try secret.value(type, key: key) }
            return try await self.gate.pass { try await self.secrets.fetch(id) }.value(type, key: key)
        case .registryData(.listThingGroupsForThing, _, _), .prediction, .protobuf:
            throw UnsupportedFunction(name: call.functionName)
        }
    }

    /// Functions that a rule cannot have: it is refused when it is made. Of `decode`, it is the one for protocol buffers.
    static let unsupported: Set<String> = [
        ExternalFunction.prediction.rawValue, ExternalFunction.decodeProtobuf.rawValue,
    ]
}

struct UnsupportedFunction: Error, CustomStringConvertible {
    let name: String
    var description: String { "The function \(self.name) is not supported by Roost." }
}

/// Why a function that leaves the process has no answer.
struct ExternalFunctionProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
