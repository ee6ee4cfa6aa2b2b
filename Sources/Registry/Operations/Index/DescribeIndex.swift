import AWSAPI
import JSON
import Storage

struct GetIndexingConfiguration: AWSOperation {
    static let route = OperationRoute(.iot, "GetIndexingConfiguration", "GET", "/indexing/config")

    let registry: RegistryService

    func handle(_ input: EmptyInput, _ context: OperationContext) async throws -> JSONObject {
        let configuration = try await self.registry.store.read { try IndexConfiguration.load($0) }
        return [
            "thingIndexingConfiguration": .object(configuration.thingsJSON),
            "thingGroupIndexingConfiguration": .object(configuration.groupsJSON),
        ]
    }
}

extension IndexConfiguration {
    fileprivate var thingsJSON: JSONObject {
        var object: JSONObject = [
            "thingIndexingMode": .string(self.thingMode.rawValue),
            "thingConnectivityIndexingMode": .string(self.indexesConnectivity ? "STATUS" : "OFF"),
            "deviceDefenderIndexingMode": "OFF",
            "namedShadowIndexingMode": .string(self.indexesNamedShadows ? "ON" : "OFF"),
        ]
        if !self.managedFields.isEmpty { object["managedFields"] = .array(self.managedFields.map(\.json)) }
        if !self.customFields.isEmpty { object["customFields"] = .array(self.customFields.map(\.json)) }
        var filter: JSONObject = [:]
        if !self.namedShadowNames.isEmpty { filter["namedShadowNames"] = .array(self.namedShadowNames.map(JSONValue.string)) }
        if !self.geoLocations.isEmpty {
            filter["geoLocations"] = .array(self.geoLocations.map { ["name": .string($0.field), "order": .string($0.order.rawValue)] })
        }
        if self.includesSocketInformation { filter["connectivity"] = ["includeSocketInformation": ["GET_THING_CONNECTIVITY_DATA"]] }
        if !filter.isEmpty { object["filter"] = .object(filter) }
        return object
    }

    fileprivate var groupsJSON: JSONObject {
        var object: JSONObject = ["thingGroupIndexingMode": .string(self.indexesGroups ? "ON" : "OFF")]
        if !self.groupManagedFields.isEmpty { object["managedFields"] = .array(self.groupManagedFields.map(\.json)) }
        if !self.groupCustomFields.isEmpty { object["customFields"] = .array(self.groupCustomFields.map(\.json)) }
        return object
    }

    /// What DescribeIndex calls the sources of the index of things.
    fileprivate var schema: String {
        if self.indexesNamedShadows { return "MULTI_INDEXING_MODE" }
        switch (self.thingMode, self.indexesConnectivity) {
        case (.off, _): return "OFF"
        case (.registry, false): return "REGISTRY"
        case (.registry, true): return "REGISTRY_AND_CONNECTIVITY_STATUS"
        case (.registryAndShadow, false): return "REGISTRY_AND_SHADOW"
        case (.registryAndShadow, true): return "REGISTRY_AND_SHADOW_AND_CONNECTIVITY_STATUS"
        }
    }
}

struct DescribeIndex: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeIndex", "GET", "/indices/{indexName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let indexName: String

        init(_ input: OperationInput) throws {
            self.indexName = try input.string("indexName", in: .label, max: RegistryLimits.nameCharacters, pattern: .thingName)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let configuration = try await self.registry.store.read { try IndexConfiguration.load($0) }
        switch input.indexName {
        case IndexDomain.things.name where configuration.thingMode != .off:
            return [
                "indexName": .string(input.indexName), "indexStatus": .string(configuration.status.rawValue),
                "schema": .string(configuration.schema),
            ]
        case IndexDomain.thingGroups.name where configuration.indexesGroups:
            return ["indexName": .string(input.indexName), "indexStatus": "ACTIVE", "schema": "THING_GROUPS"]
        case IndexDomain.things.name, IndexDomain.thingGroups.name:
            throw AWSError.resourceNotFound("The index \(input.indexName) is off. UpdateIndexingConfiguration turns it on")
        default: throw AWSError.indexNotFound(input.indexName)
        }
    }
}

/// The indexes that are on.
struct ListIndices: AWSOperation {
    static let route = OperationRoute(.iot, "ListIndices", "GET", "/indices")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let size: Int
        let token: String?

        init(_ input: OperationInput) throws {
            self.size = try input.optionalInt("maxResults", in: .query, range: 1...SearchLimits.pageSize) ?? SearchLimits.pageSize
            self.token = try input.optionalString("nextToken", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try context.pages.position(in: input.token)
        let configuration = try await self.registry.store.read { try IndexConfiguration.load($0) }
        var names: [String] = []
        if configuration.indexesGroups { names.append(IndexDomain.thingGroups.name) }
        if configuration.thingMode != .off { names.append(IndexDomain.things.name) }
        let rest = names.filter { name in position.map { name > $0 } ?? true }
        var result: JSONObject = ["indexNames": .array(rest.prefix(input.size).map(JSONValue.string))]
        if rest.count > input.size, let last = rest.prefix(input.size).last {
            result["nextToken"] = .string(context.pages.token(after: last))
        }
        return result
    }
}
