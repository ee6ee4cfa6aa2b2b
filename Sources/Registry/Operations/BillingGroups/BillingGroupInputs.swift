import AWSAPI
import JSON
import Storage

extension OperationInput {
    func billingGroupName() throws(AWSError) -> String {
        try self.string("billingGroupName", in: .label, max: RegistryLimits.nameCharacters, pattern: .thingName)
    }

    /// The description inside of the properties; nil when either is absent.
    func billingGroupDescription() throws(AWSError) -> String? {
        guard let object = try self.optionalObject("billingGroupProperties") else { return nil }
        return try OperationInput.nested(object).optionalString(
            "billingGroupDescription", max: RegistryLimits.descriptionCharacters, pattern: .graphic)
    }
}

/// The input of operations that take a group's name in the path and nothing else.
struct BillingGroupNameInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws {
        self.name = try input.billingGroupName()
    }
}

extension BillingGroupTable {
    /// The group with this name, or AWS's error.
    func required(_ name: String) throws -> BillingGroup {
        guard let group = try self.find(name) else { throw AWSError.billingGroupNotFound(name) }
        return group
    }
}

extension BillingGroup {
    func check(expectedVersion: Int64?) throws(AWSError) {
        guard let expectedVersion, expectedVersion != self.version else { return }
        throw .versionConflict("The version for billing group \(self.name) does not match the expected version.")
    }
}
