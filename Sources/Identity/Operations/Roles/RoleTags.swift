import AWSAPI
import JSON
import Storage

struct TagRole: AWSOperation {
    static let route = OperationRoute(.iam, "TagRole")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.roleName()
            self.tags = try Tag.readOptionalList(input, "Tags")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            _ = try RoleTable(connection: connection).required(input.name)
            try TagTable(connection: connection).set(input.tags, on: roleResource(input.name))
        }
        return EmptyOutput()
    }
}

struct UntagRole: AWSOperation {
    static let route = OperationRoute(.iam, "UntagRole")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let name: String
        let keys: [String]

        init(_ input: OperationInput) throws {
            self.name = try input.roleName()
            self.keys = try input.stringList("TagKeys", maxCount: IdentityLimits.tagsPerResource, max: Tag.maxKeyCharacters)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            _ = try RoleTable(connection: connection).required(input.name)
            try TagTable(connection: connection).remove(input.keys, from: roleResource(input.name))
        }
        return EmptyOutput()
    }
}

struct ListRoleTags: AWSOperation {
    static let route = OperationRoute(.iam, "ListRoleTags")

    let identity: IdentityService

    func handle(_ input: RoleNameInput, _ context: OperationContext) async throws -> JSONObject {
        let tags = try await self.identity.store.read { connection in
            _ = try RoleTable(connection: connection).required(input.name)
            return try TagTable(connection: connection).tags(on: roleResource(input.name))
        }
        return ["Tags": .array(tags.map(\.json)), "IsTruncated": false]
    }
}

/// Who the caller is (AWS STS).
struct GetCallerIdentity: AWSOperation {
    static let route = OperationRoute(.sts, "GetCallerIdentity")

    let identity: IdentityService

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> JSONObject {
        let account = context.account
        let id = context.caller.id
        let session = try await self.identity.store.read { connection in
            id.hasPrefix(TemporarySession.keyPrefix) ? try TemporarySessionTable(connection: connection).find(id) : nil
        }
        guard let session else {
            return ["UserId": .string(account.account), "Account": .string(account.account), "Arn": .string(account.iamARN("root"))]
        }
        return [
            "UserId": .string("\(session.keyID):\(session.certificateID)"), "Account": .string(account.account),
            "Arn": .string(session.arn(in: account)),
        ]
    }
}
