import AWSAPI
package import JSON
import Storage

struct DescribeThing: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeThing", "GET", "/things/{thingName}")

    let registry: RegistryService

    func handle(_ input: ThingNameInput, _ context: OperationContext) async throws -> JSONObject {
        let thing = try await self.registry.store.read { try ThingTable(connection: $0).required(input.thingName) }
        return self.registry.description(of: thing)
    }
}

extension RegistryService {
    /// What DescribeThing answers; nil when there is no such thing.
    package func description(of name: String) async throws -> JSONObject? {
        try await self.store.read { try ThingTable(connection: $0).find(name) }.map { self.description(of: $0) }
    }

    func description(of thing: Thing) -> JSONObject {
        var object: JSONObject = [
            "defaultClientId": .string(thing.name), "thingName": .string(thing.name), "thingId": .string(thing.id),
            "thingArn": .string(self.account.thingARN(thing.name)),
        ]
        object["thingTypeName"] = thing.typeName.map(JSONValue.string)
        object["billingGroupName"] = thing.billingGroupName.map(JSONValue.string)
        object["attributes"] = thing.attributesJSON
        object["version"] = .int(thing.version)
        return object
    }
}

/// The input of operations that take a thing's name in the path and nothing else.
struct ThingNameInput: OperationDecodable {
    let thingName: String

    init(_ input: OperationInput) throws {
        self.thingName = try input.thingName()
    }
}
