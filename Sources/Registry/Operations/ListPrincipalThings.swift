import AWSAPI
import Identity
import JSON
import Storage

struct ListPrincipalThings: AWSOperation {
    static let route = OperationRoute(.iot, "ListPrincipalThings", "GET", "/principals/things")

    let registry: RegistryService

    func handle(_ input: PrincipalThingsInput, _ context: OperationContext) async throws -> JSONObject {
        try await self.registry.things(input, kind: nil, as: "things", context) { .string($0.thing) }
    }
}

/// The same with the kind of each attachment.
struct ListPrincipalThingsV2: AWSOperation {
    static let route = OperationRoute(.iot, "ListPrincipalThingsV2", "GET", "/principals/things-v2")

    let registry: RegistryService

    func handle(_ input: PrincipalThingsInput, _ context: OperationContext) async throws -> JSONObject {
        try await self.registry.things(input, kind: input.kind, as: "principalThingObjects", context) { attachment in
            ["thingName": .string(attachment.thing), "thingPrincipalType": .string(attachment.kind.rawValue)]
        }
    }
}

struct PrincipalThingsInput: OperationDecodable {
    let principal: String
    let listing: TokenListing
    /// Of the V2 operation only.
    let kind: ThingPrincipalKind?

    init(_ input: OperationInput) throws {
        self.principal = try input.principal()
        self.listing = try TokenListing(input)
        self.kind = try input.thingPrincipalKind()
    }
}

extension RegistryService {
    func things(
        _ input: PrincipalThingsInput, kind: ThingPrincipalKind?, as name: String, _ context: OperationContext,
        json: (ThingPrincipal) -> JSONValue
    ) async throws -> JSONObject {
        let principal = try PolicyTarget(principal: input.principal, in: context.account)
        let query = [principal.key, kind?.rawValue]
        let position = try input.listing.position(context.pages, query: query)
        let attachments = try await self.store.read { connection in
            try self.checkExists(principal, in: connection)
            return try ThingPrincipalTable(connection: connection)
                .things(of: principal, after: position, count: input.listing.count, kind: kind)
        }
        return input.listing.output(name, attachments, context.pages, query: query, position: \.thing, json: json)
    }
}
