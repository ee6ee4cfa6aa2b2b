import AWSAPI
import Identity
import JSON
import Storage

extension OperationInput {
    /// A group's name in the path.
    func groupName() throws(AWSError) -> String {
        try self.string("thingGroupName", in: .label, max: RegistryLimits.nameCharacters, pattern: .thingName)
    }

    /// Nil when absent.
    func groupProperties() throws(AWSError) -> GroupProperties? {
        guard let object = try self.optionalObject("thingGroupProperties") else { return nil }
        let nested = OperationInput.nested(object)
        return GroupProperties(
            description: try nested.optionalString(
                "thingGroupDescription", max: RegistryLimits.descriptionCharacters, pattern: .graphic),
            attributePayload: try nested.attributePayload())
    }
}

/// A resource that a call may name by its name, its ARN, or both.
struct NameOrARN: Sendable {
    private let members: (name: String, arn: String)
    private let givenName: String?
    private let arn: String?

    /// - Parameters:
    ///   - name: the member with the name ("thingName").
    ///   - arn: the member with the ARN ("thingArn").
    init(_ input: OperationInput, _ name: String, _ arn: String) throws(AWSError) {
        self.members = (name, arn)
        self.givenName = try input.optionalName(name)
        self.arn = try input.optionalString(arn, max: 2_048)
        guard self.givenName != nil || self.arn != nil else { throw .invalidRequest("Either \(name) or \(arn) must be given") }
    }

    /// - Parameter kind: what is before the name in the ARN's last part ("thing/").
    func name(_ kind: String, in account: AccountContext) throws(AWSError) -> String {
        guard let arn else { return self.givenName ?? "" }
        let prefix = account.arn(service: "iot", kind)
        let name = String(arn.dropFirst(prefix.count))
        guard arn.hasPrefix(prefix), name.utf8.count <= RegistryLimits.nameCharacters, InputPattern.thingName.matches(name) else {
            throw .invalidRequest("Invalid \(self.members.arn): \(arn.prefix(256)) is not \(prefix) and a name")
        }
        guard self.givenName == nil || self.givenName == name else {
            throw .invalidRequest("\(self.members.name) and \(self.members.arn) name different resources")
        }
        return name
    }
}

/// `ThingGroupProperties` of the model.
struct GroupProperties: Sendable, Hashable {
    let description: String?
    let attributePayload: AttributePayload?
}

extension InputPattern {
    /// `\p{Graph}`: everything but white space, controls and what is unassigned; and the space.
    static let graphic = InputPattern("[\\p{Graph}\\x20]*") { text in
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .surrogate, .unassigned, .lineSeparator, .paragraphSeparator: false
            case .spaceSeparator: scalar == " "
            default: true
            }
        }
    }
}

extension GroupTable {
    /// The group with this name, or AWS's error.
    func required(_ name: String) throws -> ThingGroup {
        guard let group = try self.find(name) else { throw AWSError.groupNotFound(name) }
        return group
    }
}

extension AWSError {
    static func groupNotFound(_ name: String) -> AWSError { .resourceNotFound("Thing group \(name) not found") }
}

extension ThingGroup {
    func check(expectedVersion: Int64?) throws(AWSError) {
        guard let expectedVersion, expectedVersion != self.version else { return }
        throw .versionConflict("The version for thing group \(self.name) does not match the expected version.")
    }

    /// With the properties that a caller gave; what was not given stays.
    func changed(by properties: GroupProperties) throws(AWSError) -> ThingGroup {
        var group = self
        if let description = properties.description { group.description = description }
        if let payload = properties.attributePayload { group.attributes = try payload.appliedToGroup(self.attributes) }
        return group
    }

    func reference(in account: AccountContext) -> JSONValue {
        ["groupName": .string(self.name), "groupArn": .string(account.groupARN(self.name))]
    }
}
