import AWSAPI
import Identity
import JSON
import Storage

extension RegistryTransaction {
    var types: ThingTypeTable { ThingTypeTable(connection: self.connection) }

    func set(_ type: ThingType, _ operation: RegistryEvent.Operation) throws {
        try self.types.set(type)
        self.announce(.thingType) { .type(operation, type) }
    }

    /// Removes a type that no thing has, with its tags.
    func delete(_ type: ThingType) throws {
        try self.types.delete(type.name)
        try TagTable(connection: self.connection).deleteAll(on: "thingtype/\(type.name)")
        self.announce(.thingType) { .type(.deleted, type) }
    }
}

extension RegistryEvent {
    static func type(_ operation: Operation, _ type: ThingType) -> RegistryEvent {
        RegistryEvent(
            operation, topic: "thingType/\(type.name)", type: "THING_TYPE_EVENT",
            [
                "thingTypeId": .string(type.id), "thingTypeName": .string(type.name), "isDeprecated": .bool(type.deprecatedAt != nil),
                "deprecationDate": type.deprecatedAt.map { .int($0) } ?? .null,
                "searchableAttributes": .array((type.searchableAttributes ?? []).map(JSONValue.string)),
                "propagatingAttributes": .array((type.propagatingAttributes ?? []).map(\.json)),
                "description": type.description.map(JSONValue.string) ?? .null,
            ])
    }
}

extension AccountContext {
    func typeARN(_ name: String) -> String { self.arn(service: "iot", "thingtype/\(name)") }
}
