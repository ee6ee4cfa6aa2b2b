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

    /// Nil also for a payload without attributes: only one with an empty map says that a thing shall have none.
    func attributePayload() throws(AWSError) -> AttributePayload? {
        guard let payload = try self.optionalObject("attributePayload") else { return nil }
        let nested = OperationInput.nested(payload)
        let merge = try nested.bool("merge")
        guard let attributes = try nested.optionalObject("attributes") else { return nil }
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
        try Self.check(name, "Map keys", maxCharacters: RegistryLimits.attributeNameCharacters, pattern: .attributeName)
        try Self.check(value, "Map value", maxCharacters: RegistryLimits.attributeValueCharacters, pattern: .attributeValue)
    }

    private static func check(_ text: String, _ part: String, maxCharacters: Int, pattern: InputPattern) throws(AWSError) {
        let rule: String
        if text.unicodeScalars.count > maxCharacters {
            rule = "Member must have length less than or equal to \(maxCharacters)"
        } else if !pattern.matches(text) {
            rule = "Member must satisfy regular expression pattern: \(pattern.text)"
        } else {
            return
        }
        throw .constraint(
            "\(part) must satisfy constraint: [\(rule)]", value: "'\(text.prefix(256))'", at: "attributePayload.attributes")
    }

    /// The attributes of a thing that had `before`, within the limits.
    func applied(to before: [String: String], hasType: Bool) throws(AWSError) -> [String: String] {
        let result = self.merged(into: before)
        try Self.checkCount(result, hasType: hasType)
        try Self.checkSize(result)
        return result
    }

    static func checkCount(_ attributes: [String: String], hasType: Bool) throws(AWSError) {
        let limit = hasType ? RegistryLimits.attributesWithType : RegistryLimits.attributesWithoutType
        guard attributes.count <= limit else {
            let kind = hasType ? "with" : "without"
            throw .invalidRequest(
                "A thing \(kind) a thing type can have at most \(limit) attributes; this one would have \(attributes.count)")
        }
    }

    /// The attributes of a group that had `before`, within the limits.
    func appliedToGroup(_ before: [String: String]) throws(AWSError) -> [String: String] {
        let result = self.merged(into: before)
        guard result.count <= RegistryLimits.attributesOfGroup else {
            throw .invalidRequest(
                "A thing group can have at most \(RegistryLimits.attributesOfGroup) attributes; this one would have \(result.count)")
        }
        try Self.checkSize(result)
        return result
    }

    private func merged(into before: [String: String]) -> [String: String] {
        var result = self.merge ? before : [:]
        for (name, value) in self.attributes { result[name] = value.isEmpty ? nil : value }
        return result
    }

    private static func checkSize(_ attributes: [String: String]) throws(AWSError) {
        let bytes = attributes.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
        guard bytes <= RegistryLimits.attributeBytes else {
            throw .invalidRequest("The attributes can have at most \(RegistryLimits.attributeBytes) bytes; these have \(bytes)")
        }
    }
}

extension AWSError {
    static func thingNotFound(_ name: String) -> AWSError { .resourceNotFound("Thing \(name) not found") }

    static func thingTypeNotFound(_ name: String) -> AWSError { .resourceNotFound("Thing type \(name) does not exist") }

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
