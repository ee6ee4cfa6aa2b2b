import FoundationEssentials
import JSON

/// Something that happened in the registry, as subscribers of `$aws/events/…` hear of it (AWS IoT Developer Guide, registry events).
struct RegistryEvent: Sendable {
    enum Operation: String, Sendable {
        case created
        case updated
        case deleted
        case added
        case removed
    }

    /// The topic without `$aws/events/`.
    let topicTail: String
    /// `THING_EVENT`.
    let type: String
    let operation: Operation
    /// What this type of event has besides the members that all have.
    let fields: JSONObject

    /// - Parameter topic: without `$aws/events/` in front and the operation at the end.
    init(_ operation: Operation, topic: String, type: String, _ fields: JSONObject) {
        self.topicTail = "\(topic)/\(operation.rawValue)"
        self.type = type
        self.operation = operation
        self.fields = fields
    }

    var topic: String { "$aws/events/\(self.topicTail)" }

    /// - Parameter now: milliseconds since 1970.
    func payload(account: String, now: Int64) -> JSONObject {
        var object: JSONObject = [
            "eventType": .string(self.type), "eventId": .string(UUID().uuidString.lowercased()), "timestamp": .int(now),
            "operation": .string(self.operation.rawValue.uppercased()), "accountId": .string(account),
        ]
        for (name, value) in self.fields { object[name] = value }
        return object
    }
}

extension RegistryEvent {
    static func thing(_ operation: Operation, _ thing: Thing) -> RegistryEvent {
        RegistryEvent(
            operation, topic: "thing/\(thing.name)", type: "THING_EVENT",
            [
                "thingId": .string(thing.id), "thingName": .string(thing.name), "versionNumber": .int(thing.version),
                "thingTypeName": thing.typeName.map(JSONValue.string) ?? .null, "attributes": thing.attributesJSON,
            ])
    }

    static func association(added: Bool, _ thing: Thing, type: String) -> RegistryEvent {
        RegistryEvent(
            added ? .added : .removed, topic: "thingTypeAssociation/thing/\(thing.name)/thingType/\(type)",
            type: "THING_TYPE_ASSOCIATION_EVENT",
            ["thingId": .string(thing.id), "thingName": .string(thing.name), "thingTypeName": .string(type)])
    }
}
