import AWSAPI
import JSON
import Storage

extension OperationInput {
    func thingName() throws(AWSError) -> String {
        try self.string("thingName", in: .label, max: RegistryLimits.nameCharacters, pattern: .thingName)
    }

    func optionalName(_ name: String, in place: InputPlace = .body) throws(AWSError) -> String? {
        try self.optionalString(name, in: place, min: 1, max: RegistryLimits.nameCharacters, pattern: .thingName)
    }

    func attributePayload() throws(AWSError) -> AttributePayload? {
        guard let payload = try self.optionalObject("attributePayload") else { return nil }
        let nested = OperationInput.nested(payload)
        let merge = try nested.bool("merge")
        guard let attributes = try nested.optionalObject("attributes") else { return AttributePayload(attributes: [:], merge: merge) }
        let map = try OperationInput.stringMap(attributes, "attributePayload.attributes")
        for (name, value) in map { try AttributePayload.check(name, value) }
        return AttributePayload(attributes: map, merge: merge)
    }
}

/// `AttributePayload` of the model. A value of "" removes its attribute.
struct AttributePayload: Sendable, Hashable {
    let attributes: [String: String]
    /// Whether attributes that are not named stay.
    let merge: Bool

    static func check(_ name: String, _ value: String) throws(AWSError) {
        let place = "attributePayload.attributes"
        guard name.unicodeScalars.count <= RegistryLimits.attributeNameCharacters else {
            throw .constraint(
                "Map keys must satisfy constraint: [Member must have length less than or equal to \(RegistryLimits.attributeNameCharacters)]",
                value: "'\(name.prefix(256))'", at: place)
        }
        guard InputPattern.attributeName.matches(name) else {
            throw .constraint(
                "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: \(InputPattern.attributeName.text)]",
                value: "'\(name)'", at: place)
        }
        guard value.unicodeScalars.count <= RegistryLimits.attributeValueCharacters else {
            throw .constraint(
                "Map value must satisfy constraint: [Member must have length less than or equal to \(RegistryLimits.attributeValueCharacters)]",
                value: "'\(value.prefix(256))...'", at: place)
        }
        guard InputPattern.attributeValue.matches(value) else {
            throw .constraint(
                "Map value must satisfy constraint: [Member must satisfy regular expression pattern: \(InputPattern.attributeValue.text)]",
                value: "'\(value)'", at: place)
        }
    }

    /// The attributes of a thing that had `before`, within the limits.
    func applied(to before: [String: String]) throws(AWSError) -> [String: String] {
        var result = self.merge ? before : [:]
        for (name, value) in self.attributes { result[name] = value.isEmpty ? nil : value }
        guard result.count <= RegistryLimits.attributesWithoutType else {
            throw .invalidRequest(
                "A thing without a thing type can have at most \(RegistryLimits.attributesWithoutType) attributes; this one would have \(result.count)")
        }
        let bytes = result.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= RegistryLimits.attributeBytes else {
            throw .invalidRequest("The attributes of a thing can have at most \(RegistryLimits.attributeBytes) bytes; these have \(bytes)")
        }
        return result
    }
}

extension AWSError {
    static func thingNotFound(_ name: String) -> AWSError { .resourceNotFound("Thing \(name) not found") }

    /// Thing types are not offered, so a name can only be that of one that does not exist.
    static func thingTypeNotFound(_ name: String) -> AWSError { .resourceNotFound("Thing type \(name) does not exist") }

    /// The same for billing groups.
    static func billingGroupNotFound(_ name: String) -> AWSError { .resourceNotFound("Billing group \(name) does not exist") }
}

extension ThingTable {
    /// The thing with this name, or AWS's error.
    func required(_ name: String) throws -> Thing {
        guard let thing = try self.find(name) else { throw AWSError.thingNotFound(name) }
        return thing
    }
}

extension Thing {
    var attributesJSON: JSONValue {
        .object(JSONObject(self.attributes.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }))
    }
}
