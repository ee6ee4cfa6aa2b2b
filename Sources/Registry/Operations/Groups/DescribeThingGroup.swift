import AWSAPI
import JSON
import Storage

/// A static or dynamic group.
struct DescribeThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeThingGroup", "GET", "/thing-groups/{thingGroupName}")

    let registry: RegistryService

    func handle(_ input: GroupNameInput, _ context: OperationContext) async throws -> JSONObject {
        let (group, ancestors) = try await self.registry.store.read { connection in
            let table = GroupTable(connection: connection)
            let group = try table.required(input.name)
            return (group, try table.ancestors(of: group))
        }
        var result: JSONObject = [
            "thingGroupName": .string(group.name), "thingGroupId": .string(group.id),
            "thingGroupArn": .string(context.account.groupARN(group.name)), "version": .int(group.version),
            "thingGroupProperties": .object(group.propertiesJSON),
        ]
        var metadata: JSONObject = ["creationDate": .seconds(group.createdAt)]
        if let parent = ancestors.last {
            metadata["parentGroupName"] = .string(parent.name)
            metadata["rootToParentThingGroups"] = .array(ancestors.map { $0.reference(in: context.account) })
        }
        result["thingGroupMetadata"] = .object(metadata)
        if let query = group.membershipQuery {
            result["indexName"] = .string(query.indexName)
            result["queryString"] = .string(query.text)
            result["queryVersion"] = .string(query.version)
            result["status"] = .string(query.status.rawValue)
        }
        return result
    }
}

/// The input of operations that take a group's name in the path and nothing else.
struct GroupNameInput: OperationDecodable {
    let name: String

    init(_ input: OperationInput) throws {
        self.name = try input.groupName()
    }
}

extension ThingGroup {
    fileprivate var propertiesJSON: JSONObject {
        var object: JSONObject = [:]
        object["thingGroupDescription"] = self.description.map(JSONValue.string)
        if !self.attributes.isEmpty { object["attributePayload"] = ["attributes": self.attributesJSON] }
        return object
    }
}
