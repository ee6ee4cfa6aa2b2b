import AWSAPI
import JSON
import Storage

struct DescribeThingType: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeThingType", "GET", "/thing-types/{thingTypeName}")

    let registry: RegistryService

    func handle(_ input: ThingTypeNameInput, _ context: OperationContext) async throws -> JSONObject {
        let type = try await self.registry.store.read { try ThingTypeTable(connection: $0).required(input.name) }
        var result = type.json(in: context.account)
        result["thingTypeId"] = .string(type.id)
        return result
    }
}

/// The types by name, or the one that is named.
struct ListThingTypes: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingTypes", "GET", "/thing-types")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let listing: TokenListing
        let name: String?

        init(_ input: OperationInput) throws {
            self.listing = try TokenListing(input)
            self.name = try input.optionalName("thingTypeName", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.name]
        let position = try input.listing.position(context.pages, query: query)
        let types = try await self.registry.store.read { connection in
            let table = ThingTypeTable(connection: connection)
            guard let name = input.name else { return try table.page(after: position, count: input.listing.count) }
            return try position == nil ? table.find(name).map { [$0] } ?? [] : []
        }
        return input.listing.output("thingTypes", types, context.pages, query: query, position: \.name) {
            .object($0.json(in: context.account))
        }
    }
}
