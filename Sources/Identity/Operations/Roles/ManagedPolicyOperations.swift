import AWSAPI
import JSON
import Storage

struct CreateManagedPolicy: AWSOperation {
    static let route = OperationRoute(.iam, "CreatePolicy")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let path: String
        let document: String
        let description: String?

        init(_ input: OperationInput) throws {
            self.name = try input.string("PolicyName", max: 128, pattern: .iamName)
            self.path = try input.iamPath()
            self.document = try input.rolePolicyDocument()
            self.description = try input.optionalString("Description", max: 1_000)
            guard try Tag.readOptionalList(input, "Tags").isEmpty else {
                throw AWSError.invalidRequest("Tags on managed policies are not supported by Roost")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let policy = ManagedPolicy(
            name: input.name, id: AccessKeys.makeID(prefix: "ANPA"), path: input.path, document: input.document,
            description: input.description, created: self.identity.clock())
        try await self.identity.store.write { connection in
            let table = RoleTable(connection: connection)
            guard try table.findPolicy(input.name) == nil else {
                throw AWSError.entityExists("A policy called \(input.name) already exists. Duplicate names are not allowed.")
            }
            guard try table.policyCount() < IdentityLimits.managedPolicies else {
                throw AWSError.roleLimit("Cannot exceed quota for PoliciesPerAccount: \(IdentityLimits.managedPolicies)")
            }
            try table.insert(policy)
        }
        return ["Policy": policy.json(in: context.account, attachments: 0)]
    }
}

/// The input of operations that take the ARN of a managed policy.
struct ManagedPolicyInput: OperationDecodable {
    let arn: String

    init(_ input: OperationInput) throws {
        self.arn = try input.string("PolicyArn", min: 20, max: 2_048)
        // A policy here has one version.
        if let version = try input.optionalString("VersionId"), version != ManagedPolicy.version {
            throw AWSError.noSuchEntity("Policy \(self.arn.prefix(256)) version \(version.prefix(32)) does not exist or is not attachable.")
        }
    }

    func find(in table: RoleTable, _ account: AccountContext) throws -> ManagedPolicy {
        guard let name = ManagedPolicy.name(inARN: self.arn, of: account), let policy = try table.findPolicy(name) else {
            throw AWSError.noSuchEntity("Policy \(self.arn.prefix(256)) was not found.")
        }
        return policy
    }
}

struct GetManagedPolicy: AWSOperation {
    static let route = OperationRoute(.iam, "GetPolicy")

    let identity: IdentityService

    func handle(_ input: ManagedPolicyInput, _ context: OperationContext) async throws -> JSONObject {
        let (policy, attachments) = try await self.identity.store.read { connection in
            let table = RoleTable(connection: connection)
            let policy = try input.find(in: table, context.account)
            return (policy, try table.attachmentCount(of: policy.name))
        }
        return ["Policy": policy.json(in: context.account, attachments: attachments)]
    }
}

struct GetManagedPolicyVersion: AWSOperation {
    static let route = OperationRoute(.iam, "GetPolicyVersion")

    let identity: IdentityService

    func handle(_ input: ManagedPolicyInput, _ context: OperationContext) async throws -> JSONObject {
        let policy = try await self.identity.store.read { try input.find(in: RoleTable(connection: $0), context.account) }
        var version = policy.versionJSON
        version["Document"] = .string(Role.encoded(policy.document))
        return ["PolicyVersion": .object(version)]
    }
}

struct ListManagedPolicyVersions: AWSOperation {
    static let route = OperationRoute(.iam, "ListPolicyVersions")

    let identity: IdentityService

    func handle(_ input: ManagedPolicyInput, _ context: OperationContext) async throws -> JSONObject {
        let policy = try await self.identity.store.read { try input.find(in: RoleTable(connection: $0), context.account) }
        return ["Versions": [.object(policy.versionJSON)], "IsTruncated": false]
    }
}

struct DeleteManagedPolicy: AWSOperation {
    static let route = OperationRoute(.iam, "DeletePolicy")

    let identity: IdentityService

    func handle(_ input: ManagedPolicyInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            let table = RoleTable(connection: connection)
            let policy = try input.find(in: table, context.account)
            guard try table.attachmentCount(of: policy.name) == 0 else {
                throw AWSError.roleConflict("Cannot delete a policy attached to entities.")
            }
            try table.deletePolicy(policy.name)
        }
        return EmptyOutput()
    }
}

extension ManagedPolicy {
    /// Managed policies cannot be changed here, so there is one version.
    static let version = "v1"

    static func name(inARN arn: String, of account: AccountContext) -> String? {
        let prefix = account.iamARN("policy/")
        guard arn.hasPrefix(prefix) else { return nil }
        return arn.dropFirst(prefix.count).split(separator: "/").last.map(String.init)
    }

    fileprivate var versionJSON: JSONObject {
        ["VersionId": .string(Self.version), "IsDefaultVersion": true, "CreateDate": self.created.json]
    }

    fileprivate func json(in account: AccountContext, attachments: Int64) -> JSONValue {
        var object: JSONObject = [
            "PolicyName": .string(self.name), "PolicyId": .string(self.id), "Arn": .string(self.arn(in: account)),
            "Path": .string(self.path), "DefaultVersionId": .string(Self.version), "AttachmentCount": .int(attachments),
            "PermissionsBoundaryUsageCount": 0, "IsAttachable": true, "CreateDate": self.created.json, "UpdateDate": self.created.json,
        ]
        object["Description"] = self.description.map(JSONValue.string)
        return .object(object)
    }
}
