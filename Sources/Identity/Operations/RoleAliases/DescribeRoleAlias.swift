import AWSAPI
import JSON
import Storage

struct DescribeRoleAlias: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeRoleAlias", "GET", "/role-aliases/{roleAlias}")

    let identity: IdentityService

    func handle(_ input: RoleAliasNameInput, _ context: OperationContext) async throws -> JSONObject {
        let alias = try await self.identity.store.read { try RoleAliasTable(connection: $0).required(input.name) }
        return [
            "roleAliasDescription": [
                "roleAlias": .string(alias.name), "roleAliasArn": .string(context.account.roleAliasARN(alias.name)),
                "roleArn": .string(alias.roleARN), "owner": .string(context.account.account),
                "credentialDurationSeconds": .int(alias.duration), "creationDate": alias.created.json,
                "lastModifiedDate": alias.modified.json,
            ]
        ]
    }
}

/// The aliases by name.
struct ListRoleAliases: AWSOperation {
    static let route = OperationRoute(.iot, "ListRoleAliases", "GET", "/role-aliases")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.listing = try MarkerListing(input, ascendingByDefault: true)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try input.listing.position(context.pages)
        let isAscending = input.listing.ascending
        let names = try await self.identity.store.read { try RoleAliasTable(connection: $0).names() }
        let rest = (isAscending ? names : names.reversed()).filter { name in
            position.map { isAscending ? name > $0 : name < $0 } ?? true
        }
        return input.listing.output("roleAliases", rest, context.pages, position: \.self) { .string($0) }
    }
}
