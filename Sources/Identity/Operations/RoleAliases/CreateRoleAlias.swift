import AWSAPI
import JSON
import Storage

struct CreateRoleAlias: AWSOperation {
    static let route = OperationRoute(.iot, "CreateRoleAlias", "POST", "/role-aliases/{roleAlias}")

    private static let defaultDuration = 3_600

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let roleARN: String
        let duration: Int
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.roleAliasName()
            self.roleARN = try input.roleARN()
            self.duration = try input.credentialDuration() ?? CreateRoleAlias.defaultDuration
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        let arn = context.account.roleAliasARN(input.name)
        try await self.identity.store.write { connection in
            let table = RoleAliasTable(connection: connection)
            guard try table.find(input.name) == nil else {
                throw AWSError.resourceAlreadyExists(
                    "The role alias \(input.name) already exists", resourceID: input.name, resourceARN: arn)
            }
            guard try table.count() < IdentityLimits.roleAliases else {
                throw AWSError.limitExceeded("There can be at most \(IdentityLimits.roleAliases) role aliases")
            }
            try table.set(
                RoleAlias(name: input.name, roleARN: input.roleARN, duration: Int64(input.duration), created: now, modified: now))
            try TagTable(connection: connection).set(input.tags, on: "rolealias/\(input.name)")
        }
        return ["roleAlias": .string(input.name), "roleAliasArn": .string(arn)]
    }
}

/// Changes the role or the duration; credentials that were handed out stay as they are.
struct UpdateRoleAlias: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateRoleAlias", "PUT", "/role-aliases/{roleAlias}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let roleARN: String?
        let duration: Int?

        init(_ input: OperationInput) throws {
            self.name = try input.roleAliasName()
            self.roleARN = try input.value("roleArn") == nil ? nil : try input.roleARN()
            self.duration = try input.credentialDuration()
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        try await self.identity.store.write { connection in
            let table = RoleAliasTable(connection: connection)
            var alias = try table.required(input.name)
            alias.roleARN = input.roleARN ?? alias.roleARN
            alias.duration = input.duration.map(Int64.init) ?? alias.duration
            alias.modified = now
            try table.set(alias)
        }
        return ["roleAlias": .string(input.name), "roleAliasArn": .string(context.account.roleAliasARN(input.name))]
    }
}

struct DeleteRoleAlias: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteRoleAlias", "DELETE", "/role-aliases/{roleAlias}")

    let identity: IdentityService

    func handle(_ input: RoleAliasNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            let table = RoleAliasTable(connection: connection)
            _ = try table.required(input.name)
            try table.delete(input.name)
            try TagTable(connection: connection).deleteAll(on: "rolealias/\(input.name)")
        }
        return EmptyOutput()
    }
}

/// The input of operations that take an alias's name in the path and nothing else.
struct RoleAliasNameInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws {
        self.name = try input.roleAliasName()
    }
}

extension OperationInput {
    func roleAliasName() throws(AWSError) -> String {
        try self.string("roleAlias", in: .label, max: 128, pattern: .roleAlias)
    }

    fileprivate func roleARN() throws(AWSError) -> String {
        let arn = try self.string("roleArn", min: 20, max: 2_048)
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "iam", parts[5].hasPrefix("role/"), parts[5].utf8.count > 5 else {
            throw .invalidRequest("The roleArn \(arn.prefix(256)) is not the ARN of a role")
        }
        return arn
    }

    fileprivate func credentialDuration() throws(AWSError) -> Int? {
        try self.optionalInt("credentialDurationSeconds", range: 900...43_200)
    }
}
