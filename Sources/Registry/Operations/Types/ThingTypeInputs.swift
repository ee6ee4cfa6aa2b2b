import AWSAPI
import JSON
import Storage

/// `ThingTypeProperties` of the model.
struct ThingTypeProperties: Sendable, Hashable {
    var description: String?
    var searchableAttributes: [String]?
    var propagatingAttributes: [PropagatingAttribute]?

    init(_ input: OperationInput) throws(AWSError) {
        guard let object = try input.optionalObject("thingTypeProperties") else { return }
        let nested = OperationInput.nested(object)
        self.description = try nested.optionalString(
            "thingTypeDescription", max: RegistryLimits.descriptionCharacters, pattern: .graphic)
        self.searchableAttributes = try nested.optionalStringList(
            "searchableAttributes", max: RegistryLimits.attributeNameCharacters, pattern: .attributeName)
        try Self.check(self.searchableAttributes?.count, atMost: RegistryLimits.searchableAttributes, "searchable")
        let configuration = try nested.optionalObject("mqtt5Configuration").map(OperationInput.nested)
        let propagating = try configuration?.optionalArray("propagatingAttributes")
        try Self.check(propagating?.count, atMost: RegistryLimits.propagatingAttributes, "propagating")
        self.propagatingAttributes = try propagating?.map(PropagatingAttribute.init)
    }

    private static func check(_ count: Int?, atMost limit: Int, _ kind: String) throws(AWSError) {
        if let count, count > limit {
            throw .invalidRequest("A thing type can have at most \(limit) \(kind) attributes, not \(count)")
        }
    }
}

extension ThingType {
    /// What DescribeThingType and ListThingTypes say of it beside its id.
    func json(in account: AccountContext) -> JSONObject {
        var properties: JSONObject = [:]
        properties["thingTypeDescription"] = self.description.map(JSONValue.string)
        properties["searchableAttributes"] = self.searchableAttributes.map { .array($0.map(JSONValue.string)) }
        if let propagating = self.propagatingAttributes {
            properties["mqtt5Configuration"] = ["propagatingAttributes": .array(propagating.map(\.json))]
        }
        var metadata: JSONObject = ["deprecated": .bool(self.deprecatedAt != nil)]
        metadata["deprecationDate"] = self.deprecatedAt.map(JSONValue.seconds)
        metadata["creationDate"] = .seconds(self.createdAt)
        return [
            "thingTypeName": .string(self.name), "thingTypeArn": .string(account.typeARN(self.name)),
            "thingTypeProperties": .object(properties), "thingTypeMetadata": .object(metadata),
        ]
    }
}

extension ThingTypeTable {
    /// The type with this name, or AWS's error.
    func required(_ name: String) throws -> ThingType {
        guard let type = try self.find(name) else { throw AWSError.thingTypeNotFound(name) }
        return type
    }

    /// The type with this name, which things may get.
    func usable(_ name: String) throws -> ThingType {
        let type = try self.required(name)
        guard type.deprecatedAt == nil else {
            throw AWSError.invalidRequest("The thing type \(name) is deprecated: no thing can get it")
        }
        return type
    }
}

/// The input of operations that take a type's name in the path and nothing else.
struct ThingTypeNameInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws {
        self.name = try input.thingTypeName()
    }
}

extension OperationInput {
    func thingTypeName() throws(AWSError) -> String {
        try self.string("thingTypeName", in: .label, max: RegistryLimits.nameCharacters, pattern: .thingName)
    }
}
