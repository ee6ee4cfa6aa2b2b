import AWSAPI
import JSON
import Storage

/// Puts a thing into a static group; one that is in it stays.
struct AddThingToThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "AddThingToThingGroup", "PUT", "/thing-groups/addThingToThingGroup")

    let registry: RegistryService

    func handle(_ input: MembershipInput, _ context: OperationContext) async throws -> EmptyOutput {
        let names = try input.names(in: context.account)
        try await self.registry.change { transaction in
            let thing = try transaction.things.required(names.thing)
            let group = try transaction.groups.required(names.group)
            try transaction.join(thing, group, overrideDynamicGroups: input.overrideDynamicGroups)
        }
        return EmptyOutput()
    }
}

/// Takes a thing out of a static group; one that is not in it is as good as taken out.
struct RemoveThingFromThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "RemoveThingFromThingGroup", "PUT", "/thing-groups/removeThingFromThingGroup")

    let registry: RegistryService

    func handle(_ input: MembershipInput, _ context: OperationContext) async throws -> EmptyOutput {
        let names = try input.names(in: context.account)
        try await self.registry.change { transaction in
            try transaction.leave(try transaction.things.required(names.thing), try transaction.groups.required(names.group))
        }
        return EmptyOutput()
    }
}

/// A thing and a group, each by its name or its ARN.
struct MembershipInput: OperationDecodable {
    let thing: NameOrARN
    let group: NameOrARN
    let overrideDynamicGroups: Bool

    init(_ input: OperationInput) throws {
        self.thing = try NameOrARN(input, "thingName", "thingArn")
        self.group = try NameOrARN(input, "thingGroupName", "thingGroupArn")
        self.overrideDynamicGroups = try input.bool("overrideDynamicGroups")
    }

    func names(in account: AccountContext) throws(AWSError) -> (thing: String, group: String) {
        (try self.thing.name("thing/", in: account), try self.group.name("thinggroup/", in: account))
    }
}

/// Takes a thing out of some groups and puts it into others, all or nothing.
struct UpdateThingGroupsForThing: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateThingGroupsForThing", "PUT", "/thing-groups/updateThingGroupsForThing")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let toAdd: [String]
        let toRemove: [String]
        let overrideDynamicGroups: Bool

        init(_ input: OperationInput) throws {
            self.thingName = try input.string("thingName", max: RegistryLimits.nameCharacters, pattern: .thingName)
            func names(_ name: String) throws(AWSError) -> [String] {
                try input.optionalStringList(
                    name, maxCount: RegistryLimits.groupsPerCall, max: RegistryLimits.nameCharacters, pattern: .thingName) ?? []
            }
            self.toAdd = try names("thingGroupsToAdd")
            self.toRemove = try names("thingGroupsToRemove")
            self.overrideDynamicGroups = try input.bool("overrideDynamicGroups")
            if let both = self.toAdd.first(where: self.toRemove.contains) {
                throw AWSError.invalidRequest("The thing group \(both) is to be both added and removed")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            let thing = try transaction.things.required(input.thingName)
            // First, for what is left may make room for what comes.
            for name in input.toRemove { try transaction.leave(thing, try transaction.groups.required(name)) }
            for name in input.toAdd {
                let group = try transaction.groups.required(name)
                try transaction.join(thing, group, overrideDynamicGroups: input.overrideDynamicGroups)
            }
        }
        return EmptyOutput()
    }
}

extension RegistryTransaction {
    /// Puts a thing into a static group, if the rules allow it (AWS IoT Developer Guide, static thing groups).
    ///
    /// - Parameter overrideDynamicGroups: whether the thing leaves the newest of its dynamic groups when it is in as many groups as it may.
    func join(_ thing: Thing, _ group: ThingGroup, overrideDynamicGroups: Bool) throws {
        guard !group.isDynamic else {
            throw AWSError.invalidRequest("\(group.name) is a dynamic thing group: its query decides on its members")
        }
        let present = try self.members.groups(of: thing.number)
        guard !present.contains(where: { $0.number == group.number }) else { return }
        if let other = present.first(where: { !$0.isDynamic && $0.root == group.root }) {
            throw AWSError.invalidRequest(
                "Thing \(thing.name) is in the thing group \(other.name), which is in the same hierarchy as \(group.name): "
                    + "a thing can be in one group of a hierarchy")
        }
        if present.count >= RegistryLimits.groupsPerThing {
            let newest = present.filter(\.isDynamic).max { ($0.createdAt, $0.number) < ($1.createdAt, $1.number) }
            guard overrideDynamicGroups, let newest else {
                throw AWSError.invalidRequest(
                    "Thing \(thing.name) is in the maximum number of thing groups already (\(RegistryLimits.groupsPerThing))")
            }
            try self.remove(thing, from: newest)
        }
        try self.add(thing, to: group)
    }

    func leave(_ thing: Thing, _ group: ThingGroup) throws {
        guard !group.isDynamic else {
            throw AWSError.invalidRequest("\(group.name) is a dynamic thing group: its query decides on its members")
        }
        guard try self.members.contains(group: group.number, thing: thing.number) else { return }
        try self.remove(thing, from: group)
    }
}
