import AWSAPI
import JSON
import Storage

/// Says what is indexed. Each of the two parts replaces what was, with the custom fields.
struct UpdateIndexingConfiguration: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateIndexingConfiguration", "POST", "/indexing/config")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let things: ThingIndexing?
        let groups: GroupIndexing?

        init(_ input: OperationInput) throws {
            self.things = try input.optionalObject("thingIndexingConfiguration").map { try ThingIndexing(.nested($0)) }
            self.groups = try input.optionalObject("thingGroupIndexingConfiguration").map { try GroupIndexing(.nested($0)) }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.configureIndex { transaction, configuration in
            if let things = input.things {
                if things.mode == .off, try !transaction.groups.dynamicGroups().isEmpty {
                    throw AWSError.invalidRequest("The index AWS_Things cannot be turned off while there are dynamic thing groups")
                }
                things.apply(to: &configuration)
            }
            if let groups = input.groups { groups.apply(to: &configuration) }
            try configuration.check()
        }
        return EmptyOutput()
    }
}

/// `ThingIndexingConfiguration` of the model.
struct ThingIndexing: Sendable {
    let mode: IndexConfiguration.ThingMode
    private let indexesConnectivity: Bool
    private let indexesNamedShadows: Bool
    private let namedShadowNames: [String]
    private let geoLocations: [GeoLocation]
    private let includesSocketInformation: Bool
    private let customFields: [IndexConfiguration.Field]

    init(_ input: OperationInput) throws {
        let modes = IndexConfiguration.ThingMode.allCases.map(\.rawValue)
        self.mode = IndexConfiguration.ThingMode(rawValue: try input.word("thingIndexingMode", of: modes)) ?? .off
        self.indexesConnectivity = try input.optionalWord("thingConnectivityIndexingMode", of: ["OFF", "STATUS"]) == "STATUS"
        self.indexesNamedShadows = try input.optionalWord("namedShadowIndexingMode", of: ["OFF", "ON"]) == "ON"
        guard try input.optionalWord("deviceDefenderIndexingMode", of: ["OFF", "VIOLATIONS"]) != "VIOLATIONS" else {
            throw AWSError.invalidRequest("deviceDefenderIndexingMode VIOLATIONS is not supported by Roost: it has no Device Defender")
        }
        try IndexConfiguration.Field.checkManaged(input)
        self.customFields = try IndexConfiguration.Field.readCustom(input)
        let filter = try input.optionalObject("filter").map(OperationInput.nested)
        self.namedShadowNames =
            try filter?.optionalStringList(
                "namedShadowNames", maxCount: RegistryLimits.indexedShadowNames, max: 64, pattern: .shadowName) ?? []
        self.geoLocations = try filter.map(Self.locations) ?? []
        let sockets = try filter?.optionalObject("connectivity").map(OperationInput.nested)?
            .optionalStringList("includeSocketInformation", maxCount: 1)
        self.includesSocketInformation = sockets?.contains("GET_THING_CONNECTIVITY_DATA") ?? false
        if let other = sockets?.first(where: { $0 != "GET_THING_CONNECTIVITY_DATA" }) {
            throw AWSError.constraint(
                "Member must satisfy enum value set: [GET_THING_CONNECTIVITY_DATA]", value: "'\(other.prefix(64))'",
                at: "filter.connectivity.includeSocketInformation")
        }
    }

    private static func locations(_ filter: OperationInput) throws -> [GeoLocation] {
        try (filter.optionalArray("geoLocations", maxCount: RegistryLimits.geoLocations) ?? []).map { item in
            guard let object = item.objectValue else { throw AWSError.invalidRequest("The members of 'geoLocations' must be objects") }
            let nested = OperationInput.nested(object)
            let orders = [GeoLocation.Order.latitudeFirst, .longitudeFirst]
            let order = try nested.optionalWord("order", of: orders.map(\.rawValue)).flatMap(GeoLocation.Order.init)
            return GeoLocation(field: try nested.string("name"), order: order ?? .latitudeFirst)
        }
    }

    func apply(to configuration: inout IndexConfiguration) {
        configuration.thingMode = self.mode
        configuration.indexesConnectivity = self.indexesConnectivity
        configuration.indexesNamedShadows = self.indexesNamedShadows
        configuration.namedShadowNames = self.namedShadowNames
        configuration.geoLocations = self.geoLocations
        configuration.includesSocketInformation = self.includesSocketInformation
        configuration.customFields = self.customFields
    }
}

/// `ThingGroupIndexingConfiguration` of the model.
struct GroupIndexing: Sendable {
    private let isOn: Bool
    private let customFields: [IndexConfiguration.Field]

    init(_ input: OperationInput) throws {
        self.isOn = try input.word("thingGroupIndexingMode", of: ["OFF", "ON"]) == "ON"
        try IndexConfiguration.Field.checkManaged(input)
        self.customFields = try IndexConfiguration.Field.readCustom(input)
    }

    func apply(to configuration: inout IndexConfiguration) {
        configuration.indexesGroups = self.isOn
        configuration.groupCustomFields = self.customFields
    }
}

extension IndexConfiguration.Field {
    static func readCustom(_ input: OperationInput) throws -> [IndexConfiguration.Field] {
        let fields = try self.read(input, "customFields")
        guard fields.count <= RegistryLimits.customFields else {
            throw AWSError.invalidRequest(
                "An index can have at most \(RegistryLimits.customFields) custom fields; there are \(fields.count)")
        }
        return fields
    }

    /// Managed fields come back as they were given out; they say nothing.
    static func checkManaged(_ input: OperationInput) throws { _ = try self.read(input, "managedFields") }

    private static func read(_ input: OperationInput, _ name: String) throws -> [IndexConfiguration.Field] {
        try (input.optionalArray(name, maxCount: 100) ?? []).map { item in
            guard let object = item.objectValue else { throw AWSError.invalidRequest("The members of '\(name)' must be objects") }
            let nested = OperationInput.nested(object)
            let type = try nested.word("type", of: IndexConfiguration.FieldType.allCases.map(\.rawValue))
            return IndexConfiguration.Field(
                name: try nested.string("name", max: 1_024), type: IndexConfiguration.FieldType(rawValue: type) ?? .string)
        }
    }
}

extension IndexConfiguration {
    /// Whether its parts go together (AWS IoT Developer Guide, managing thing indexing).
    func check() throws(AWSError) {
        if self.thingMode == .off {
            guard !self.indexesConnectivity, !self.indexesNamedShadows, self.customFields.isEmpty else {
                throw .invalidRequest("Connectivity, named shadows and custom fields can only be indexed when thingIndexingMode is not OFF")
            }
        }
        guard self.indexesGroups || self.groupCustomFields.isEmpty else {
            throw .invalidRequest("Custom fields of thing groups can only be indexed when thingGroupIndexingMode is ON")
        }
        guard self.namedShadowNames.isEmpty || self.indexesNamedShadows else {
            throw .invalidRequest("filter.namedShadowNames needs namedShadowIndexingMode ON")
        }
        guard !self.indexesNamedShadows || !self.namedShadowNames.isEmpty else {
            throw .invalidRequest("namedShadowIndexingMode ON needs the names of shadows in filter.namedShadowNames")
        }
        for field in self.customFields where !self.hasSource(of: field.name) {
            throw .invalidRequest("The custom field \(field.name.prefix(256)) is not in what is indexed")
        }
        for location in self.geoLocations where !self.hasSource(of: location.field) || location.field.hasPrefix("attributes.") {
            throw .invalidRequest("The geo location \(location.field.prefix(256)) is not in a shadow that is indexed")
        }
        for field in self.groupCustomFields where !field.name.hasPrefix("attributes.") {
            throw .invalidRequest("The custom field \(field.name.prefix(256)) is not in what is indexed: groups have attributes")
        }
    }

    private func hasSource(of field: String) -> Bool {
        let parts = field.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count > 1, !parts.contains("") else { return false }
        switch parts[0] {
        case "attributes": return true
        case "shadow" where parts[1] == "name":
            return parts.count > 4 && Self.isState(parts[3]) && self.wants(.namedShadow(String(parts[2])))
        case "shadow": return parts.count > 2 && Self.isState(parts[1]) && self.wants(.shadow)
        default: return false
        }
    }

    private static func isState(_ part: Substring) -> Bool { part == "desired" || part == "reported" }
}
