import AWSAPI
import Identity
import JSON
import Storage

struct UpdateBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateBillingGroup", "PATCH", "/billing-groups/{billingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        /// Nil takes away the one that is there.
        let description: String?
        let expectedVersion: Int64?

        init(_ input: OperationInput) throws {
            self.name = try input.billingGroupName()
            guard try input.optionalObject("billingGroupProperties") != nil else {
                throw AWSError.constraint("Member must not be null", value: "null", at: "billingGroupProperties")
            }
            self.description = try input.billingGroupDescription()
            self.expectedVersion = try input.optionalInt("expectedVersion").map(Int64.init)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let version = try await self.registry.change { transaction in
            var group = try transaction.billingGroups.required(input.name)
            try group.check(expectedVersion: input.expectedVersion)
            group.description = input.description
            group.version += 1
            try transaction.billingGroups.set(group)
            return group.version
        }
        return ["version": .int(version)]
    }
}

/// Deletes a group; the things in it are in none then.
struct DeleteBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteBillingGroup", "DELETE", "/billing-groups/{billingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let expectedVersion: Int64?

        init(_ input: OperationInput) throws {
            self.name = try input.billingGroupName()
            self.expectedVersion = try input.optionalInt("expectedVersion", in: .query).map(Int64.init)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            let group = try transaction.billingGroups.required(input.name)
            try group.check(expectedVersion: input.expectedVersion)
            try transaction.billingGroups.delete(input.name)
            try TagTable(connection: transaction.connection).deleteAll(on: "billinggroup/\(input.name)")
        }
        return EmptyOutput()
    }
}
