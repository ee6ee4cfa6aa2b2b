import AWSAPI
import JSON
import Storage

/// From now on no thing can get the type; or, undone, can again.
struct DeprecateThingType: AWSOperation {
    static let route = OperationRoute(.iot, "DeprecateThingType", "POST", "/thing-types/{thingTypeName}/deprecate")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let isUndone: Bool

        init(_ input: OperationInput) throws {
            self.name = try input.thingTypeName()
            self.isUndone = try input.bool("undoDeprecate")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.registry.clock()
        try await self.registry.change { transaction in
            var type = try transaction.types.required(input.name)
            guard (type.deprecatedAt == nil) != input.isUndone else { return }
            type.deprecatedAt = input.isUndone ? nil : now
            try transaction.set(type, .updated)
        }
        return EmptyOutput()
    }
}

/// Deletes a type that is deprecated and that no thing has.
struct DeleteThingType: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteThingType", "DELETE", "/thing-types/{thingTypeName}")

    let registry: RegistryService

    func handle(_ input: ThingTypeNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.registry.clock()
        let delay = self.registry.settings.thingTypeDeleteDelay
        try await self.registry.change { transaction in
            let type = try transaction.types.required(input.name)
            guard let deprecatedAt = type.deprecatedAt else {
                throw AWSError.invalidRequest("Thing type \(input.name) cannot be deleted: deprecate it first")
            }
            guard now - deprecatedAt >= delay * 1_000 else {
                throw AWSError.invalidRequest(Self.tooEarly)
            }
            guard try !transaction.types.hasThings(input.name) else {
                throw AWSError.invalidRequest("Thing type \(input.name) cannot be deleted: there are things of it")
            }
            try transaction.delete(type)
        }
        return EmptyOutput()
    }

    /// Clients look for this text, whatever the delay is (the AWS provider of Terraform).
    private static let tooEarly = "Please wait for 5 minutes after deprecation and then retry"
}
