import AWSAPI
import FoundationEssentials
import Identity
import JSON
import Storage

/// A new static group. The same call again succeeds with the same ids.
struct CreateThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "CreateThingGroup", "POST", "/thing-groups/{thingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let parentName: String?
        let properties: GroupProperties?
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.groupName()
            self.parentName = try input.optionalName("parentGroupName")
            self.properties = try input.groupProperties()
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.registry.clock()
        let group = try await self.registry.change { transaction in
            var candidate = ThingGroup(name: input.name, id: UUID().uuidString.lowercased(), createdAt: now)
            if let properties = input.properties { candidate = try candidate.changed(by: properties) }
            let parent = try input.parentName.map { try transaction.groups.required($0) }
            candidate.parent = parent?.number
            if let found = try transaction.groups.find(input.name) {
                guard !found.isDynamic, found.hasProperties(of: candidate) else { throw Self.exists(found, context.account) }
                return found
            }
            if let parent {
                try Self.check(parent, in: transaction)
                candidate.root = parent.root
                candidate.depth = parent.depth + 1
            }
            try TagTable(connection: transaction.connection).set(input.tags, on: "thinggroup/\(input.name)")
            return try transaction.insert(candidate, below: parent)
        }
        return [
            "thingGroupName": .string(group.name), "thingGroupArn": .string(context.account.groupARN(group.name)),
            "thingGroupId": .string(group.id),
        ]
    }

    static func exists(_ group: ThingGroup, _ account: AccountContext) -> AWSError {
        .resourceAlreadyExists(
            "Thing Group \(group.name) already exists in current account with different properties", resourceID: group.id,
            resourceARN: account.groupARN(group.name))
    }

    private static func check(_ parent: ThingGroup, in transaction: RegistryTransaction) throws {
        guard !parent.isDynamic else {
            throw AWSError.invalidRequest("The dynamic thing group \(parent.name) cannot have child groups")
        }
        guard parent.depth < RegistryLimits.groupDepth else {
            throw AWSError.invalidRequest(
                "A hierarchy of thing groups can have at most \(RegistryLimits.groupDepth) levels; \(parent.name) is on the last one")
        }
        guard try transaction.groups.childCount(of: parent.number) < RegistryLimits.childGroups else {
            throw AWSError.invalidRequest(
                "A thing group can have at most \(RegistryLimits.childGroups) direct child groups; \(parent.name) has them")
        }
    }
}

extension ThingGroup {
    /// Whether creating `other` would give this group again.
    func hasProperties(of other: ThingGroup) -> Bool {
        self.parent == other.parent && self.description == other.description && self.attributes == other.attributes
            && self.membershipQuery?.text == other.membershipQuery?.text
    }
}
