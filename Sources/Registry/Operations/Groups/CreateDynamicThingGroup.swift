import AWSAPI
import FoundationEssentials
import Identity
import JSON
import Storage

/// A group whose members are the things that a query finds. The same call again succeeds with the same ids.
struct CreateDynamicThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "CreateDynamicThingGroup", "POST", "/dynamic-thing-groups/{thingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let properties: GroupProperties?
        let queryText: String
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.groupName()
            self.properties = try input.groupProperties()
            self.queryText = try input.string("queryString")
            try input.checkDynamicGroupIndex()
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.registry.clock()
        let group = try await self.registry.change { transaction in
            var candidate = ThingGroup(name: input.name, id: UUID().uuidString.lowercased(), createdAt: now)
            if let properties = input.properties { candidate = try candidate.changed(by: properties) }
            candidate.membershipQuery = try transaction.membershipQuery(input.queryText, .building)
            if let found = try transaction.groups.find(input.name) {
                guard found.isDynamic, found.hasProperties(of: candidate) else { throw CreateThingGroup.exists(found, context.account) }
                return found
            }
            guard try transaction.groups.dynamicGroups().count < RegistryLimits.dynamicGroups else {
                throw AWSError.limitExceeded("There can be at most \(RegistryLimits.dynamicGroups) dynamic thing groups")
            }
            try TagTable(connection: transaction.connection).set(input.tags, on: "thinggroup/\(input.name)")
            let group = try transaction.insert(candidate, below: nil)
            try IndexPass.begin(in: transaction.connection)
            return group
        }
        self.registry.index.wake()
        return [
            "thingGroupName": .string(group.name), "thingGroupArn": .string(context.account.groupARN(group.name)),
            "thingGroupId": .string(group.id), "indexName": .string(IndexDomain.things.name), "queryString": .string(input.queryText),
            "queryVersion": .string(SearchInput.queryVersion),
        ]
    }
}

/// Changes the query of a dynamic group, its description and its attributes; what is not given stays.
struct UpdateDynamicThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateDynamicThingGroup", "PATCH", "/dynamic-thing-groups/{thingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let properties: GroupProperties
        let queryText: String?
        let expectedVersion: Int64?

        init(_ input: OperationInput) throws {
            self.name = try input.groupName()
            guard let properties = try input.groupProperties() else {
                throw AWSError.constraint("Member must not be null", value: "null", at: "thingGroupProperties")
            }
            self.properties = properties
            self.queryText = try input.optionalString("queryString", min: 1)
            try input.checkDynamicGroupIndex()
            self.expectedVersion = try input.optionalInt("expectedVersion").map(Int64.init)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let version = try await self.registry.change { transaction in
            let old = try transaction.groups.required(input.name)
            guard old.isDynamic else { throw AWSError.invalidRequest("\(input.name) is a static thing group: use UpdateThingGroup") }
            try old.check(expectedVersion: input.expectedVersion)
            var group = try old.changed(by: input.properties)
            group.version += 1
            if let text = input.queryText, text != old.membershipQuery?.text {
                group.membershipQuery = try transaction.membershipQuery(text, .rebuilding)
                try IndexPass.begin(in: transaction.connection)
            }
            try transaction.update(old, to: group)
            return group.version
        }
        self.registry.index.wake()
        return ["version": .int(version)]
    }
}

/// Deletes a dynamic group. One that does not exist is as good as deleted.
struct DeleteDynamicThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteDynamicThingGroup", "DELETE", "/dynamic-thing-groups/{thingGroupName}")

    let registry: RegistryService

    func handle(_ input: DeleteGroupInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            guard let group = try transaction.groups.find(input.name) else { return }
            guard group.isDynamic else { throw AWSError.invalidRequest("\(input.name) is a static thing group: use DeleteThingGroup") }
            try group.check(expectedVersion: input.expectedVersion)
            try transaction.delete(group)
        }
        return EmptyOutput()
    }
}

extension OperationInput {
    /// Dynamic groups are over the index of things, in the one version of the language.
    fileprivate func checkDynamicGroupIndex() throws(AWSError) {
        try SearchInput.checkVersion(self)
        guard let name = try self.optionalName("indexName"), name != IndexDomain.things.name else { return }
        throw .invalidRequest("Dynamic thing groups are over the index AWS_Things, not \(name)")
    }
}

extension RegistryTransaction {
    fileprivate func membershipQuery(_ text: String, _ status: MembershipQuery.Status) throws -> MembershipQuery {
        let configuration = try self.indexConfiguration()
        guard configuration.thingMode != .off else {
            throw AWSError.invalidRequest("Dynamic thing groups need the index AWS_Things. UpdateIndexingConfiguration turns it on")
        }
        _ = try SearchQuery.checked(text, limits: .dynamicGroup, locations: configuration.geoLocations)
        return MembershipQuery(text: text, version: SearchInput.queryVersion, indexName: IndexDomain.things.name, status: status)
    }
}
