import AWSAPI
import FoundationEssentials
import JSON
import Storage

/// A new thing. The same call again succeeds with the same ids.
struct CreateThing: AWSOperation {
    static let route = OperationRoute(.iot, "CreateThing", "POST", "/things/{thingName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let thingTypeName: String?
        let attributePayload: AttributePayload?
        let billingGroupName: String?

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.thingTypeName = try input.optionalName("thingTypeName")
            self.attributePayload = try input.attributePayload()
            self.billingGroupName = try input.optionalName("billingGroupName")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let attributes = try input.attributePayload?.applied(to: [:], hasType: input.thingTypeName != nil) ?? [:]
        let candidate = Thing(
            name: input.thingName, id: UUID().uuidString.lowercased(), version: 1, typeName: input.thingTypeName,
            billingGroupName: input.billingGroupName, attributes: attributes)
        let arn = context.account.thingARN(input.thingName)
        let thing = try await self.registry.change { transaction in
            if let type = candidate.typeName { _ = try transaction.types.required(type) }
            if let group = candidate.billingGroupName { _ = try transaction.billingGroups.required(group) }
            if let found = try transaction.things.find(candidate.name) {
                guard found.hasConfiguration(of: candidate) else {
                    throw AWSError.resourceAlreadyExists(
                        "Thing \(candidate.name) already exists in account with different attributes",
                        resourceID: found.id, resourceARN: arn)
                }
                return found
            }
            if let type = candidate.typeName { _ = try transaction.types.usable(type) }
            return try transaction.insert(candidate)
        }
        return ["thingName": .string(thing.name), "thingArn": .string(arn), "thingId": .string(thing.id)]
    }
}

extension Thing {
    /// Whether creating `other` would give this thing again.
    fileprivate func hasConfiguration(of other: Thing) -> Bool {
        self.typeName == other.typeName && self.billingGroupName == other.billingGroupName && self.attributes == other.attributes
    }
}
