import AWSAPI
import Identity
import JSON
import Storage

/// Changes the attributes of a thing; policies that read them go by the new ones when this returns.
struct UpdateThing: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateThing", "PATCH", "/things/{thingName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let thingTypeName: String?
        let removesThingType: Bool
        let attributePayload: AttributePayload?
        let expectedVersion: Int64?

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.thingTypeName = try input.optionalName("thingTypeName")
            self.attributePayload = try input.attributePayload()
            self.expectedVersion = try input.optionalInt("expectedVersion").map(Int64.init)
            self.removesThingType = try input.bool("removeThingType")
            guard !self.removesThingType || self.thingTypeName == nil else {
                throw AWSError.invalidRequest("thingTypeName and removeThingType cannot be given together")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            let old = try transaction.things.required(input.thingName)
            var thing = old
            try thing.check(expectedVersion: input.expectedVersion)
            if let type = input.thingTypeName, type != thing.typeName { thing.typeName = try transaction.types.usable(type).name }
            if input.removesThingType { thing.typeName = nil }
            if let payload = input.attributePayload {
                thing.attributes = try payload.applied(to: thing.attributes, hasType: thing.typeName != nil)
            } else {
                try AttributePayload.checkCount(thing.attributes, hasType: thing.typeName != nil)
            }
            thing.version += 1
            try transaction.update(old, to: thing)
        }
        return EmptyOutput()
    }
}

extension Thing {
    func check(expectedVersion: Int64?) throws(AWSError) {
        guard let expectedVersion, expectedVersion != self.version else { return }
        throw .versionConflict("The version for thing \(self.name) does not match the expected version.")
    }
}
