import JSON
import Storage

/// What fleet indexing indexes (UpdateIndexingConfiguration). The fields of the registry are always in the tables; a mode of OFF makes them
/// unsearchable.
struct IndexConfiguration: Sendable, Hashable {
    enum ThingMode: String, Sendable, Hashable, CaseIterable {
        case off = "OFF"
        case registry = "REGISTRY"
        case registryAndShadow = "REGISTRY_AND_SHADOW"
    }

    /// The type of a field in aggregations (`FieldType` of the model).
    enum FieldType: String, Sendable, Hashable, CaseIterable {
        case number = "Number"
        case string = "String"
        case boolean = "Boolean"
    }

    struct Field: Sendable, Hashable {
        var name: String
        var type: FieldType
    }

    enum Status: String, Sendable, Hashable {
        case active = "ACTIVE"
        /// Searches are refused.
        case building = "BUILDING"
        case rebuilding = "REBUILDING"
    }

    var thingMode = ThingMode.off
    var indexesConnectivity = false
    var indexesNamedShadows = false
    var namedShadowNames: [String] = []
    var geoLocations: [GeoLocation] = []
    var includesSocketInformation = false
    var customFields: [Field] = []
    var indexesGroups = false
    var groupCustomFields: [Field] = []
    /// Of the index of things; that of groups is always up to date.
    var status = Status.active

    /// The parts that things shall have.
    func wants(_ part: IndexPart) -> Bool {
        switch part {
        case .shadow: self.thingMode == .registryAndShadow
        case .namedShadow(let name): self.thingMode != .off && self.indexesNamedShadows && self.namedShadowNames.contains(name)
        case .connectivity: self.thingMode != .off && self.indexesConnectivity
        }
    }

    var wantsParts: Bool { self.wants(.connectivity) || !self.shadowNames.isEmpty }

    /// Shadows whose changes matter; empty for the classic one.
    var shadowNames: [String] {
        (self.wants(.shadow) ? [""] : []) + self.namedShadowNames.filter { self.wants(.namedShadow($0)) }
    }

    /// Whether both index the same parts.
    func hasSources(of other: IndexConfiguration) -> Bool {
        self.shadowNames == other.shadowNames && self.wants(.connectivity) == other.wants(.connectivity)
    }
}

// MARK: On disk

extension IndexConfiguration {
    private static let setting = "indexing-configuration"

    static func load(_ connection: any StoreConnection) throws -> IndexConfiguration {
        guard let text = try RegistrySettings(connection: connection).find(Self.setting) else { return IndexConfiguration() }
        guard let json = try? JSONValue(parsing: Array(text.utf8)), let configuration = IndexConfiguration(json: json) else {
            throw StoreError.corrupt(path: nil, what: "the indexing configuration is not what was written")
        }
        return configuration
    }

    func save(_ connection: any StoreConnection) throws {
        try RegistrySettings(connection: connection).set(Self.setting, JSONValue.object(self.json).serialized())
    }

    private var json: JSONObject {
        [
            "things": .string(self.thingMode.rawValue), "connectivity": .bool(self.indexesConnectivity),
            "namedShadows": .bool(self.indexesNamedShadows), "names": .array(self.namedShadowNames.map(JSONValue.string)),
            "locations": .array(self.geoLocations.map { ["name": .string($0.field), "order": .string($0.order.rawValue)] }),
            "sockets": .bool(self.includesSocketInformation), "fields": .array(self.customFields.map(\.json)),
            "groups": .bool(self.indexesGroups), "groupFields": .array(self.groupCustomFields.map(\.json)),
            "status": .string(self.status.rawValue),
        ]
    }

    private init?(json: JSONValue) {
        guard let mode = json["things"]?.stringValue.flatMap(ThingMode.init), let status = json["status"]?.stringValue.flatMap(Status.init)
        else { return nil }
        self.thingMode = mode
        self.status = status
        self.indexesConnectivity = json["connectivity"]?.boolValue ?? false
        self.indexesNamedShadows = json["namedShadows"]?.boolValue ?? false
        self.namedShadowNames = json["names"]?.arrayValue?.compactMap(\.stringValue) ?? []
        self.geoLocations =
            json["locations"]?.arrayValue?.compactMap { item in
                guard let name = item["name"]?.stringValue, let order = item["order"]?.stringValue.flatMap(GeoLocation.Order.init) else {
                    return nil
                }
                return GeoLocation(field: name, order: order)
            } ?? []
        self.includesSocketInformation = json["sockets"]?.boolValue ?? false
        self.customFields = json["fields"]?.arrayValue?.compactMap(Field.init) ?? []
        self.indexesGroups = json["groups"]?.boolValue ?? false
        self.groupCustomFields = json["groupFields"]?.arrayValue?.compactMap(Field.init) ?? []
    }
}

extension IndexConfiguration.Field {
    var json: JSONValue { ["name": .string(self.name), "type": .string(self.type.rawValue)] }

    init?(json: JSONValue) {
        guard let name = json["name"]?.stringValue, let type = json["type"]?.stringValue.flatMap(IndexConfiguration.FieldType.init) else {
            return nil
        }
        self.init(name: name, type: type)
    }
}
