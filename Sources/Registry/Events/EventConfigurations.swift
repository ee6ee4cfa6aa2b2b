import JSON
import Storage

/// Which events are announced (UpdateEventConfigurations). All are off at first.
struct EventConfigurations: Sendable, Hashable {
    private static let setting = "event-configurations"

    var enabled: Set<RegistryEventKind> = []
    /// Milliseconds since 1970; nil before the first update.
    var createdAt: Int64?
    var modifiedAt: Int64?

    static func load(_ connection: any StoreConnection) throws -> EventConfigurations {
        guard let text = try RegistrySettings(connection: connection).find(Self.setting) else { return EventConfigurations() }
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let names = json["enabled"]?.arrayValue else {
            throw StoreError.corrupt(path: nil, what: "the event configurations are not what was written")
        }
        return EventConfigurations(
            enabled: Set(names.compactMap { $0.stringValue.flatMap(RegistryEventKind.init) }), createdAt: json["created"]?.intValue,
            modifiedAt: json["modified"]?.intValue)
    }

    func save(_ connection: any StoreConnection) throws {
        let names = self.enabled.map(\.rawValue).sorted().map(JSONValue.string)
        var object: JSONObject = ["enabled": .array(names)]
        object["created"] = self.createdAt.map(JSONValue.int)
        object["modified"] = self.modifiedAt.map(JSONValue.int)
        try RegistrySettings(connection: connection).set(Self.setting, JSONValue.object(object).serialized())
    }
}
