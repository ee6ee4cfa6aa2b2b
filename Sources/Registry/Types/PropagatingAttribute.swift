import AWSAPI
import Identity
import JSON

/// `PropagatingAttribute` of the model: a user property that each message of a device with the thing type gets (AWS IoT Developer Guide, "Adding
/// propagating attributes for message enrichment").
struct PropagatingAttribute: Sendable, Hashable {
    /// The name of the user property.
    var key: String
    var source: ThingFacts.Propagation.Source

    init(key: String, source: ThingFacts.Propagation.Source) {
        self.key = key
        self.source = source
    }

    /// - Parameter json: one item of `propagatingAttributes`.
    init(_ json: JSONValue) throws(AWSError) {
        guard case .object(let object) = json else {
            throw .invalidRequest("propagatingAttributes holds objects with userPropertyKey and thingAttribute or connectionAttribute")
        }
        let nested = OperationInput.nested(object)
        self.key = try nested.string("userPropertyKey", max: RegistryLimits.userPropertyKeyCharacters, pattern: Self.keyPattern)
        let attribute = try nested.optionalString(
            "thingAttribute", max: RegistryLimits.attributeNameCharacters, pattern: .attributeName)
        let connection = try nested.optionalString(
            "connectionAttribute", max: RegistryLimits.attributeNameCharacters, pattern: Self.connectionPattern)
        switch (attribute, connection) {
        case (let name?, nil): self.source = .thingAttribute(name)
        case (nil, let name?): self.source = try Self.source(connectionAttribute: name)
        default:
            throw .invalidRequest(
                "The propagating attribute \(self.key) needs either a thingAttribute or a connectionAttribute")
        }
    }

    var json: JSONValue {
        switch self.source {
        case .thingAttribute(let name): ["userPropertyKey": .string(self.key), "thingAttribute": .string(name)]
        case .clientID: ["userPropertyKey": .string(self.key), "connectionAttribute": .string(Self.clientID)]
        case .thingName: ["userPropertyKey": .string(self.key), "connectionAttribute": .string(Self.thingName)]
        }
    }

    private static let clientID = "iot:ClientId"
    private static let thingName = "iot:Thing.ThingName"
    private static let keyPattern = InputPattern("[a-zA-Z0-9:$.]+", ranges: ["az", "AZ", "09"], others: ":$.")
    private static let connectionPattern = InputPattern("[a-zA-Z0-9:.]+", ranges: ["az", "AZ", "09"], others: ":.")

    private static func source(connectionAttribute name: String) throws(AWSError) -> ThingFacts.Propagation.Source {
        switch name {
        case Self.clientID: return .clientID
        case Self.thingName: return .thingName
        default:
            throw .invalidRequest("The connection attribute \(name) is not known: there are \(Self.clientID) and \(Self.thingName)")
        }
    }
}
