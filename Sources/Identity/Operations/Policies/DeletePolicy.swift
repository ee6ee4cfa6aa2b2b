import AWSAPI
import Storage

/// Deletes a policy that is attached to nothing and has no version but the default one.
struct DeletePolicy: AWSOperation {
    static let route = OperationRoute(.iot, "DeletePolicy", "DELETE", "/policies/{policyName}")

    let identity: IdentityService

    func handle(_ input: PolicyNameInput, _ context: OperationContext) async throws -> EmptyOutput {
        let name = input.policyName
        try await self.identity.store.write { connection in
            let table = PolicyTable(connection: connection)
            _ = try table.required(name)
            guard try AttachmentTable(connection: connection).targets(policy: name, after: nil, count: 1).isEmpty else {
                throw AWSError.deleteConflict(
                    "The policy cannot be deleted as the policy is attached to one or more principals (name=\(name))")
            }
            guard try table.versions(of: name).count <= 1 else {
                throw AWSError.deleteConflict(
                    "Cannot delete the policy because it has one or more policy versions attached to it (name=\(name))")
            }
            try table.delete(name)
            try TagTable(connection: connection).deleteAll(on: "policy/\(name)")
        }
        return EmptyOutput()
    }
}
