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
            let value: ThingFilter.Value = self.attributeValue.map { self.usePrefix ? .prefix($0) : .equal($0) } ?? .any
            return ThingFilter(
                attribute: self.attributeName.map { ThingFilter.Attribute(name: $0, value: value) }, typeName: self.thingTypeName)
        }

        /// What a token is bound to.
        var query: [String?] { [self.attributeName, self.attributeValue, self.thingTypeName, self.usePrefix ? "prefix" : nil] }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try input.listing.position(context.pages, query: input.query)
        let filter = input.filter
        let numbers = self.registry.fieldNumbers
        let things = try await self.registry.store.read { connection in
            try ThingListing(connection: connection, fields: FieldReader(connection, known: numbers))
                .page(after: position, count: input.listing.count, matching: filter)
        }
        return input.listing.output("things", things, context.pages, query: input.query, position: filter.position) { thing in
            var item: JSONObject = ["thingName": .string(thing.name)]
            item["thingTypeName"] = thing.typeName.map(JSONValue.string)
            item["thingArn"] = .string(context.account.thingARN(thing.name))
            item["attributes"] = thing.attributesJSON
            item["version"] = .int(thing.version)
            return .object(item)
        }
    }
}
