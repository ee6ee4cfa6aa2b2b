import AWSAPI
import FoundationEssentials
import Identity
import JSON
import Storage

/// A new thing type. The same call again succeeds with the same id.
struct CreateThingType: AWSOperation {
    static let route = OperationRoute(.iot, "CreateThingType", "POST", "/thing-types/{thingTypeName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let properties: ThingTypeProperties
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.thingTypeName()
            self.properties = try ThingTypeProperties(input)
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let candidate = ThingType(
            name: input.name, id: UUID().uuidString.lowercased(), description: input.properties.description,
            searchableAttributes: input.properties.searchableAttributes,
            propagatingAttributes: input.properties.propagatingAttributes.flatMap { $0.isEmpty ? nil : $0 },
            createdAt: self.registry.clock())
        let type = try await self.registry.change { transaction in
            if let found = try transaction.types.find(input.name) {
                guard found.hasProperties(of: candidate) else {
                    throw AWSError.resourceAlreadyExists(
                        "Thing type \(input.name) already exists in current account with different properties", resourceID: found.id,
                        resourceARN: context.account.typeARN(input.name))
                }
                return found
            }
            try transaction.set(candidate, .created)
            try TagTable(connection: transaction.connection).set(input.tags, on: "thingtype/\(input.name)")
            return candidate
        }
        return [
            "thingTypeName": .string(type.name), "thingTypeArn": .string(context.account.typeARN(type.name)),
            "thingTypeId": .string(type.id),
        ]
    }
}

/// Changes the properties of a type; what is not given stays, and an empty list of propagating attributes ends them.
struct UpdateThingType: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateThingType", "PATCH", "/thing-types/{thingTypeName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let properties: ThingTypeProperties

        init(_ input: OperationInput) throws {
            self.name = try input.thingTypeName()
            self.properties = try ThingTypeProperties(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            var type = try transaction.types.required(input.name)
            type.description = input.properties.description ?? type.description
            type.searchableAttributes = input.properties.searchableAttributes ?? type.searchableAttributes
            if let propagating = input.properties.propagatingAttributes {
                type.propagatingAttributes = propagating.isEmpty ? nil : propagating
                transaction.affect(.thingType(type.name))
            }
            try transaction.set(type, .updated)
        }
        return EmptyOutput()
    }
}

extension ThingType {
    fileprivate func hasProperties(of other: ThingType) -> Bool {
        self.description == other.description && self.searchableAttributes == other.searchableAttributes
            && self.propagatingAttributes == other.propagatingAttributes
    }
}
