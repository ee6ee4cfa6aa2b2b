import AWSAPI
import Storage

/// Deletes a thing that holds no principal. One that does not exist is as good as deleted.
struct DeleteThing: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteThing", "DELETE", "/things/{thingName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let expectedVersion: Int64?

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.expectedVersion = try input.optionalInt("expectedVersion", in: .query).map(Int64.init)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.registry.change { transaction in
            guard let thing = try transaction.things.find(input.thingName) else { return }
            try thing.check(expectedVersion: input.expectedVersion)
            guard try transaction.principals.principals(of: thing.name, after: nil, count: 1).isEmpty else {
                throw AWSError.invalidRequest("Cannot delete. Thing \(thing.name) is still attached to one or more principals")
            }
            try transaction.delete(thing)
        }
        return EmptyOutput()
    }
}
