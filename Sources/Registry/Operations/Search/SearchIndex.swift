import AWSAPI
import JSON
import Storage

/// The things, or the groups, that a query finds, in the order of their creation.
struct SearchIndex: AWSOperation {
    static let route = OperationRoute(.iot, "SearchIndex", "POST", "/indices/search")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let search: SearchInput
        let size: Int
        let token: String?

        init(_ input: OperationInput) throws {
            self.search = try SearchInput(input)
            self.size = try input.optionalInt("maxResults", range: 1...SearchLimits.pageSize) ?? SearchLimits.defaultPageSize
            self.token = try input.optionalString("nextToken")
        }

        var bound: [String?] { [self.search.domain.name, self.search.queryText] }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try context.pages.position(in: input.token, query: input.bound).flatMap(Int64.init) ?? 0
        let count = input.size + 1
        switch input.search.domain {
        case .things:
            let things = try await self.registry.search(input.search) { try $0.things(from: position + 1, limit: count) }
            return Self.page("things", things.map { ($0.thing.number, $0.result) }, input, context)
        case .thingGroups:
            let groups = try await self.registry.search(input.search) { try $0.groups(from: position + 1, limit: count) }
            return Self.page("thingGroups", groups.map { ($0.group.number, $0.result) }, input, context)
        }
    }

    private static func page(
        _ name: String, _ items: [(number: Int64, json: JSONValue)], _ input: Input, _ context: OperationContext
    ) -> JSONObject {
        let shown = items.prefix(input.size)
        var result: JSONObject = [name: .array(shown.map(\.json))]
        if items.count > input.size, let last = shown.last {
            result["nextToken"] = .string(context.pages.token(after: "\(last.number)", query: input.bound))
        }
        return result
    }
}

extension IndexedThing {
    /// `ThingDocument` of the model.
    fileprivate var result: JSONValue {
        var object: JSONObject = ["thingName": .string(self.thing.name), "thingId": .string(self.thing.id)]
        object["thingTypeName"] = self.thing.typeName.map(JSONValue.string)
        if !self.groupNames.isEmpty { object["thingGroupNames"] = .array(self.groupNames.map(JSONValue.string)) }
        object["attributes"] = self.thing.attributesJSON
        if let shadow { object["shadow"] = .string(JSONValue.object(shadow).serialized()) }
        if self.indexesConnectivity { object["connectivity"] = .object(self.connectivity) }
        return .object(object)
    }

    /// The classic shadow, with the named ones under `name`.
    private var shadow: JSONObject? {
        var named: JSONObject = [:]
        for (part, body) in self.parts.sorted(by: { $0.key.key < $1.key.key }) {
            if case .namedShadow(let name) = part { named[name] = .object(body) }
        }
        guard !named.isEmpty else { return self.parts[.shadow] }
        var shadow = self.parts[.shadow] ?? [:]
        shadow["name"] = .object(named)
        return shadow
    }

    private var connectivity: JSONObject {
        guard let body = self.parts[.connectivity] else { return ["connected": false] }
        var object: JSONObject = ["connected": body["connected"] ?? false]
        object["timestamp"] = body["timestamp"]
        object["disconnectReason"] = body["disconnectReason"]
        return object
    }
}

extension IndexedGroup {
    /// `ThingGroupDocument` of the model.
    fileprivate var result: JSONValue {
        var object: JSONObject = ["thingGroupName": .string(self.group.name), "thingGroupId": .string(self.group.id)]
        object["thingGroupDescription"] = self.group.description.map(JSONValue.string)
        object["attributes"] = self.group.attributesJSON
        if !self.parentNames.isEmpty { object["parentGroupNames"] = .array(self.parentNames.map(JSONValue.string)) }
        return .object(object)
    }
}
