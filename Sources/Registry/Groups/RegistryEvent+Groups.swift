import AWSAPI
import JSON

extension RegistryEvent {
    /// - Parameter ancestors: the root first.
    static func group(_ operation: Operation, _ group: ThingGroup, _ ancestors: [ThingGroup], _ account: AccountContext) -> RegistryEvent {
        RegistryEvent(
            operation, topic: "thingGroup/\(group.name)", type: "THING_GROUP_EVENT",
            [
                "thingGroupId": .string(group.id), "thingGroupName": .string(group.name), "versionNumber": .int(group.version),
                "parentGroupName": ancestors.last.map { .string($0.name) } ?? .null,
                "parentGroupId": ancestors.last.map { .string($0.id) } ?? .null,
                "description": group.description.map(JSONValue.string) ?? .null,
                "rootToParentThingGroups": .array(
                    ancestors.map { ["groupArn": .string(account.groupARN($0.name)), "groupId": .string($0.id)] }),
                "attributes": group.attributesJSON,
                "dynamicGroupMappingId": group.isDynamic ? .string(group.id) : .null,
            ])
    }

    static func membership(added: Bool, _ thing: Thing, _ group: ThingGroup, _ account: AccountContext) -> RegistryEvent {
        RegistryEvent(
            added ? .added : .removed, topic: "thingGroupMembership/thingGroup/\(group.name)/thing/\(thing.name)",
            type: "THING_GROUP_MEMBERSHIP_EVENT",
            [
                "groupArn": .string(account.groupARN(group.name)), "groupId": .string(group.id),
                "thingArn": .string(account.thingARN(thing.name)), "thingId": .string(thing.id),
                "membershipId": .string("\(thing.id)_\(group.id)"),
            ])
    }

    static func hierarchy(added: Bool, parent: ThingGroup, child: ThingGroup) -> RegistryEvent {
        RegistryEvent(
            added ? .added : .removed, topic: "thingGroupHierarchy/thingGroup/\(parent.name)/childThingGroup/\(child.name)",
            type: "THING_GROUP_HIERARCHY_EVENT",
            [
                "thingGroupId": .string(parent.id), "thingGroupName": .string(parent.name), "childGroupId": .string(child.id),
                "childGroupName": .string(child.name),
            ])
    }
}
