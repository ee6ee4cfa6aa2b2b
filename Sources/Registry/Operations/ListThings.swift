import AWSAPI
import JSON
import Storage

/// The things, by name, all or those with an attribute.
struct ListThings: AWSOperation {
    static let route = OperationRoute(.iot, "ListThings", "GET", "/things")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let listing: TokenListing
        let attributeName: String?
        let attributeValue: String?
        let thingTypeName: String?
        let usePrefix: Bool

        init(_ input: OperationInput) throws {
            self.listing = try TokenListing(input)
            self.attributeName = try input.optionalString(
                "attributeName", in: .query, max: RegistryLimits.attributeNameCharacters, pattern: .attributeName)
            self.attributeValue = try input.optionalString(
                "attributeValue", in: .query, max: RegistryLimits.attributeValueCharacters, pattern: .attributeValue)
            self.thingTypeName = try input.optionalName("thingTypeName", in: .query)
            self.usePrefix = try input.bool("usePrefixAttributeValue", in: .query)
            guard self.attributeName != nil || self.attributeValue == nil else {
                throw AWSError.invalidRequest("attributeValue needs attributeName")
            }
        }

        var filter: ThingFilter {
            guard let name = self.attributeName else { return ThingFilter() }
            let value: ThingFilter.Value = self.attributeValue.map { self.usePrefix ? .prefix($0) : .equal($0) } ?? .any
            return ThingFilter(attribute: ThingFilter.Attribute(name: name, value: value))
        }

        /// What a token is bound to.
        var query: [String?] { [self.attributeName, self.attributeValue, self.thingTypeName, self.usePrefix ? "prefix" : nil] }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try input.listing.position(context.pages, query: input.query)
        // No thing has a type, so none has this one.
        guard input.thingTypeName == nil else { return ["things": []] }
        let things = try await self.registry.store.read {
            try ThingTable(connection: $0).page(after: position, count: input.listing.count, matching: input.filter)
        }
        return input.listing.output("things", things, context.pages, query: input.query, position: \.name) { thing in
            [
                "thingName": .string(thing.name),
                "thingArn": .string(context.account.thingARN(thing.name)),
                "attributes": thing.attributesJSON,
                "version": .int(thing.version),
            ]
        }
    }
}
