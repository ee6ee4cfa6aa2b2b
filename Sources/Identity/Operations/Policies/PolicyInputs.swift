import AWSAPI
import JSON

extension OperationInput {
    func policyName(in place: InputPlace = .label) throws(AWSError) -> String {
        try self.string("policyName", in: place, max: 128, pattern: .policyName)
    }

    /// The document of a policy, which must be one. What is stored is the text as it was sent.
    func policyDocument() throws(AWSError) -> String {
        let text = try self.string("policyDocument", min: 0, max: IdentityLimits.policyDocumentCharacters)
        do {
            _ = try PolicyDocument(parsing: text)
        } catch {
            throw .malformedPolicy(error.message)
        }
        return text
    }

    /// Version ids are decimal digits; one that no version can have is the id of none.
    func policyVersionID() throws(AWSError) -> PolicyVersionID {
        PolicyVersionID(text: try self.string("policyVersionId", in: .label, pattern: .policyVersionID))
    }
}

/// The id of a version as a caller wrote it.
struct PolicyVersionID: Sendable {
    let text: String

    func find(of policy: String, in table: PolicyTable) throws -> PolicyVersionRecord {
        guard let number = Int64(self.text), let version = try table.version(number, of: policy) else {
            throw AWSError.resourceNotFound("Policy version not found (name=\(policy), version=\(self.text))")
        }
        return version
    }
}

extension PolicyTable {
    /// The policy with this name, or AWS's error.
    func required(_ name: String) throws -> PolicyRecord {
        guard let policy = try self.find(name) else { throw AWSError.resourceNotFound("Policy not found") }
        return policy
    }
}

extension AccountContext {
    /// An item of ListPolicies and its like.
    func policySummary(_ name: String) -> JSONValue {
        ["policyName": .string(name), "policyArn": .string(self.policyARN(name))]
    }
}

/// The input of operations that take the name of a policy in the path and nothing else.
struct PolicyNameInput: OperationDecodable {
    let policyName: String

    init(_ input: OperationInput) throws {
        self.policyName = try input.policyName()
    }
}

/// The input of operations on one version of a policy.
struct PolicyVersionInput: OperationDecodable {
    let policyName: String
    let versionID: PolicyVersionID

    init(_ input: OperationInput) throws {
        self.policyName = try input.policyName()
        self.versionID = try input.policyVersionID()
    }
}
