import AWSAPI
import Identity
import JSON
import Storage

struct ListThingPrincipals: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingPrincipals", "GET", "/things/{thingName}/principals")

    let registry: RegistryService

    func handle(_ input: ThingPrincipalsInput, _ context: OperationContext) async throws -> JSONObject {
        try await self.registry.principals(input, kind: nil, as: "principals", context) { principal, _ in .string(principal) }
    }
}

/// The same with the kind of each attachment.
struct ListThingPrincipalsV2: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingPrincipalsV2", "GET", "/things/{thingName}/principals-v2")

    let registry: RegistryService

    func handle(_ input: ThingPrincipalsInput, _ context: OperationContext) async throws -> JSONObject {
        try await self.registry.principals(input, kind: input.kind, as: "thingPrincipalObjects", context) { principal, kind in
            ["principal": .string(principal), "thingPrincipalType": .string(kind.rawValue)]
        }
    }
}

struct ThingPrincipalsInput: OperationDecodable {
    let thingName: String
    let listing: TokenListing
    /// Of the V2 operation only.
    let kind: ThingPrincipalKind?

    init(_ input: OperationInput) throws {
        self.thingName = try input.thingName()
        self.listing = try TokenListing(input)
        self.kind = try input.thingPrincipalKind()
    }
}

extension RegistryService {
    func principals(
        _ input: ThingPrincipalsInput, kind: ThingPrincipalKind?, as name: String, _ context: OperationContext,
        json: (String, ThingPrincipalKind) -> JSONValue
    ) async throws -> JSONObject {
        let query = [input.thingName, kind?.rawValue]
        let position = try input.listing.position(context.pages, query: query)
        let attachments = try await self.store.read { connection in
            guard try ThingTable(connection: connection).exists(input.thingName) else {
                throw AWSError.resourceNotFound(
                    "Failed to list principals for thing \(input.thingName) because the thing does not exist in your account")
            }
            return try ThingPrincipalTable(connection: connection)
                .principals(of: input.thingName, after: position, count: input.listing.count, kind: kind)
        }
        return input.listing.output(name, attachments, context.pages, query: query, position: \.principal) { attachment in
            json(PolicyTarget(key: attachment.principal)?.text(in: context.account) ?? attachment.principal, attachment.kind)
        }
    }
}
