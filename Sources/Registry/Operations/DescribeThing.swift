import AWSAPI
import JSON
import Storage

struct DescribeThing: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeThing", "GET", "/things/{thingName}")

    let registry: RegistryService

    func handle(_ input: ThingNameInput, _ context: OperationContext) async throws -> JSONObject {
        let thing = try await self.registry.store.read { try ThingTable(connection: $0).required(input.thingName) }
        return [
            "defaultClientId": .string(thing.name),
            "thingName": .string(thing.name),
            "thingId": .string(thing.id),
            "thingArn": .string(context.account.thingARN(thing.name)),
            "attributes": thing.attributesJSON,
            "version": .int(thing.version),
        ]
    }
}

/// The input of operations that take a thing's name in the path and nothing else.
struct ThingNameInput: OperationDecodable {
    let thingName: String

    init(_ input: OperationInput) throws {
        self.thingName = try input.thingName()
    }
}
