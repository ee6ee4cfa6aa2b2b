import AWSAPI
import JSON
import Storage

struct CreateRole: AWSOperation {
    static let route = OperationRoute(.iam, "CreateRole")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let path: String
        let trust: String
        let description: String?
        let maxDuration: Int64
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.roleName()
            self.path = try input.iamPath()
            self.trust = try input.trustPolicy("AssumeRolePolicyDocument")
            self.description = try input.optionalString("Description", max: 1_000)
            self.maxDuration = try input.maxSessionDuration() ?? 3_600
            self.tags = try Tag.readOptionalList(input, "Tags")
            guard try input.optionalString("PermissionsBoundary") == nil else {
                throw AWSError.invalidRequest("PermissionsBoundary is not supported by Roost")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let role = Role(
            name: input.name, id: AccessKeys.makeID(prefix: "AROA"), path: input.path, trust: input.trust, description: input.description,
            maxDuration: input.maxDuration, created: self.identity.clock())
        try await self.identity.store.write { connection in
            let table = RoleTable(connection: connection)
            guard try table.find(input.name) == nil else {
                throw AWSError.entityExists("Role with name \(input.name) already exists.")
            }
            guard try table.count() < IdentityLimits.roles else {
                throw AWSError.roleLimit("Cannot exceed quota for RolesPerAccount: \(IdentityLimits.roles)")
            }
            try table.set(role)
            try TagTable(connection: connection).set(input.tags, on: roleResource(input.name))
        }
        return ["Role": role.json(in: context.account, tags: input.tags)]
    }
}

struct GetRole: AWSOperation {
    static let route = OperationRoute(.iam, "GetRole")

    let identity: IdentityService

    func handle(_ input: RoleNameInput, _ context: OperationContext) async throws -> JSONObject {
        let (role, tags) = try await self.identity.store.read { connection in
            (
                try RoleTable(connection: connection).required(input.name),
                try TagTable(connection: connection).tags(on: roleResource(input.name))
            )
        }
        return ["Role": role.json(in: context.account, tags: tags)]
    }
}

struct ListRoles: AWSOperation {
    static let route = OperationRoute(.iam, "ListRoles")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let listing: IAMListing
        let prefix: String

        init(_ input: OperationInput) throws {
            self.listing = try IAMListing(input)
            self.prefix = try input.optionalString("PathPrefix", max: 512) ?? ""
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try context.pages.position(in: input.listing.marker)
        let roles = try await self.identity.store.read {
            try RoleTable(connection: $0).page(after: position, prefix: input.prefix, count: input.listing.size + 1)
        }
        return input.listing.output("Roles", roles, context.pages, position: \.name) { $0.json(in: context.account) }
    }
}

struct UpdateRole: AWSOperation {
    static let route = OperationRoute(.iam, "UpdateRole")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let description: String?
        let maxDuration: Int64?

        init(_ input: OperationInput) throws {
            self.name = try input.roleName()
            self.description = try input.optionalString("Description", max: 1_000)
            self.maxDuration = try input.maxSessionDuration()
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.changeRole(input.name) { table, role in
            var role = role
            role.description = input.description ?? role.description
            role.maxDuration = input.maxDuration ?? role.maxDuration
            try table.set(role)
        }
        return EmptyOutput()
    }
}

struct UpdateAssumeRolePolicy: AWSOperation {
    static let route = OperationRoute(.iam, "UpdateAssumeRolePolicy")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let trust: String

        init(_ input: OperationInput) throws {
            self.name = try input.roleName()
            self.trust = try input.trustPolicy("PolicyDocument")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.changeRole(input.name) { table, role in
            var role = role
            role.trust = input.trust
            try table.set(role)
        }
        return EmptyOutput()
    }
}

/// Deletes a role without policies.
struct DeleteRole: AWSOperation {
    static let route = OperationRoute(.iam, "DeleteRole")

    let identity: IdentityService

    func handle(_ input: RoleNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            let table = RoleTable(connection: connection)
            _ = try table.required(input.name)
            guard try table.attachedPolicies(of: input.name).isEmpty else {
                throw AWSError.roleConflict("Cannot delete entity, must detach all policies first.")
            }
            guard try table.inlinePolicies(of: input.name).isEmpty else {
                throw AWSError.roleConflict("Cannot delete entity, must delete policies first.")
            }
            try table.delete(input.name)
            try TagTable(connection: connection).deleteAll(on: roleResource(input.name))
        }
        await self.identity.changed(.roles)
        return EmptyOutput()
    }
}

/// There are no instance profiles here.
struct ListInstanceProfilesForRole: AWSOperation {
    static let route = OperationRoute(.iam, "ListInstanceProfilesForRole")

    let identity: IdentityService

    func handle(_ input: RoleNameInput, _ context: OperationContext) async throws -> JSONObject {
        _ = try await self.identity.store.read { try RoleTable(connection: $0).required(input.name) }
        return ["InstanceProfiles": [], "IsTruncated": false]
    }
}

extension IdentityService {
    /// Changes a role or its policies; whoever acts by it knows when this returns.
    func changeRole(_ name: String, _ body: @escaping @Sendable (RoleTable, Role) throws -> Void) async throws {
        try await self.store.write { connection in
            let table = RoleTable(connection: connection)
            try body(table, try table.required(name))
        }
        await self.changed(.roles)
    }
}
