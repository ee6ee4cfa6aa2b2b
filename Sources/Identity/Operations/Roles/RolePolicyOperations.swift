import AWSAPI
import JSON
import Storage

struct PutRolePolicy: AWSOperation {
    static let route = OperationRoute(.iam, "PutRolePolicy")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let role: String
        let name: String
        let document: String

        init(_ input: OperationInput) throws {
            self.role = try input.roleName()
            self.name = try input.string("PolicyName", max: 128, pattern: .iamName)
            self.document = try input.rolePolicyDocument()
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.changeRole(input.role) { table, _ in
            let policies = try table.inlinePolicies(of: input.role)
            guard policies.count < IdentityLimits.policiesPerRole || policies.contains(where: { $0.name == input.name }) else {
                throw AWSError.roleLimit("A role can have at most \(IdentityLimits.policiesPerRole) policies of its own")
            }
            try table.setInline(input.name, input.document, of: input.role)
        }
        return EmptyOutput()
    }
}

struct RolePolicyInput: OperationDecodable {
    let role: String
    let name: String

    init(_ input: OperationInput) throws {
        self.role = try input.roleName()
        self.name = try input.string("PolicyName", max: 128, pattern: .iamName)
    }

    var notFound: AWSError { .noSuchEntity("The role policy with name \(self.name) cannot be found.") }
}

struct GetRolePolicy: AWSOperation {
    static let route = OperationRoute(.iam, "GetRolePolicy")

    let identity: IdentityService

    func handle(_ input: RolePolicyInput, _ context: OperationContext) async throws -> JSONObject {
        let document = try await self.identity.store.read { connection in
            let table = RoleTable(connection: connection)
            _ = try table.required(input.role)
            return try table.inlinePolicies(of: input.role).first { $0.name == input.name }?.document
        }
        guard let document else { throw input.notFound }
        return [
            "RoleName": .string(input.role), "PolicyName": .string(input.name), "PolicyDocument": .string(Role.encoded(document)),
        ]
    }
}

struct DeleteRolePolicy: AWSOperation {
    static let route = OperationRoute(.iam, "DeleteRolePolicy")

    let identity: IdentityService

    func handle(_ input: RolePolicyInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.changeRole(input.role) { table, _ in
            guard try table.deleteInline(input.name, of: input.role) else { throw input.notFound }
        }
        return EmptyOutput()
    }
}

/// A role's own policies: there are never more than fit one page.
struct ListRolePolicies: AWSOperation {
    static let route = OperationRoute(.iam, "ListRolePolicies")

    let identity: IdentityService

    func handle(_ input: RoleNameInput, _ context: OperationContext) async throws -> JSONObject {
        let names = try await self.identity.store.read { connection in
            let table = RoleTable(connection: connection)
            _ = try table.required(input.name)
            return try table.inlinePolicies(of: input.name).map(\.name)
        }
        return ["PolicyNames": .array(names.map(JSONValue.string)), "IsTruncated": false]
    }
}

struct AttachRolePolicy: AWSOperation {
    static let route = OperationRoute(.iam, "AttachRolePolicy")

    let identity: IdentityService

    func handle(_ input: RolePolicyAttachment, _ context: OperationContext) async throws -> EmptyOutput {
        let policy = try input.policy(in: context.account)
        try await self.identity.changeRole(input.role) { table, _ in
            _ = try table.requiredPolicy(policy, in: context.account)
            let attached = try table.attachedPolicies(of: input.role)
            guard attached.count < IdentityLimits.policiesPerRole || attached.contains(where: { $0.name == policy }) else {
                throw AWSError.roleLimit("Cannot exceed quota for PoliciesPerRole: \(IdentityLimits.policiesPerRole)")
            }
            try table.attach(policy, to: input.role)
        }
        return EmptyOutput()
    }
}

struct DetachRolePolicy: AWSOperation {
    static let route = OperationRoute(.iam, "DetachRolePolicy")

    let identity: IdentityService

    func handle(_ input: RolePolicyAttachment, _ context: OperationContext) async throws -> EmptyOutput {
        let policy = try input.policy(in: context.account)
        try await self.identity.changeRole(input.role) { table, _ in
            guard try table.detach(policy, from: input.role) else {
                throw AWSError.noSuchEntity("Policy \(input.arn) was not found.")
            }
        }
        return EmptyOutput()
    }
}

/// A role and the ARN of a managed policy.
struct RolePolicyAttachment: OperationDecodable {
    let role: String
    let arn: String

    init(_ input: OperationInput) throws {
        self.role = try input.roleName()
        self.arn = try input.string("PolicyArn", min: 20, max: 2_048)
    }

    func policy(in account: AccountContext) throws(AWSError) -> String {
        guard let name = ManagedPolicy.name(inARN: self.arn, of: account) else {
            throw .noSuchEntity("Policy \(self.arn.prefix(256)) does not exist or is not attachable.")
        }
        return name
    }
}

struct ListAttachedRolePolicies: AWSOperation {
    static let route = OperationRoute(.iam, "ListAttachedRolePolicies")

    let identity: IdentityService

    func handle(_ input: RoleNameInput, _ context: OperationContext) async throws -> JSONObject {
        let policies = try await self.identity.store.read { connection in
            let table = RoleTable(connection: connection)
            _ = try table.required(input.name)
            return try table.attachedPolicies(of: input.name)
        }
        return [
            "AttachedPolicies": .array(
                policies.map { ["PolicyName": .string($0.name), "PolicyArn": .string($0.arn(in: context.account))] }),
            "IsTruncated": false,
        ]
    }
}
