import AWSAPI
import JSON
import Storage

/// Changes a static group's description and attributes. Its name and its parent stay.
struct UpdateThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateThingGroup", "PATCH", "/thing-groups/{thingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let properties: GroupProperties
        let expectedVersion: Int64?

        init(_ input: OperationInput) throws {
            self.name = try input.groupName()
            guard let properties = try input.groupProperties() else {
                throw AWSError.constraint("Member must not be null", value: "null", at: "thingGroupProperties")
            }
            self.properties = properties
            self.expectedVersion = try input.optionalInt("expectedVersion").map(Int64.init)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let version = try await self.registry.change { transaction in
            let old = try transaction.groups.required(input.name)
            guard !old.isDynamic else {
                throw AWSError.invalidRequest("\(input.name) is a dynamic thing group: use UpdateDynamicThingGroup")
            }
            try old.check(expectedVersion: input.expectedVersion)
            var group = try old.changed(by: input.properties)
            group.version += 1
            try transaction.update(old, to: group)
            return group.version
        }
        return ["version": .int(version)]
    }
}

/// Deletes a static group without children. One that does not exist is as good as deleted.
struct DeleteThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteThingGroup", "DELETE", "/thing-groups/{thingGroupName}")

    let registry: RegistryService

    func handle(_ input: DeleteGroupInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            guard let group = try transaction.groups.find(input.name) else { return }
            guard !group.isDynamic else {
                throw AWSError.invalidRequest("\(input.name) is a dynamic thing group: use DeleteDynamicThingGroup")
            }
            try group.check(expectedVersion: input.expectedVersion)
            guard try transaction.groups.childCount(of: group.number) == 0 else {
                throw AWSError.invalidRequest(
                    "Cannot delete thing group : \(group.name) when there are still child groups attached to it.")
            }
            try transaction.delete(group)
        }
        return EmptyOutput()
    }
}

struct DeleteGroupInput: OperationDecodable {
    let name: String
    let expectedVersion: Int64?

    init(_ input: OperationInput) throws {
        self.name = try input.groupName()
        self.expectedVersion = try input.optionalInt("expectedVersion", in: .query).map(Int64.init)
    }
}
