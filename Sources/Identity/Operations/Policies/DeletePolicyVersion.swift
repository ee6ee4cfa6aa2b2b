import AWSAPI
import Storage

struct DeletePolicyVersion: AWSOperation {
    static let route = OperationRoute(.iot, "DeletePolicyVersion", "DELETE", "/policies/{policyName}/version/{policyVersionId}")

    let identity: IdentityService

    func handle(_ input: PolicyVersionInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            let table = PolicyTable(connection: connection)
            let policy = try table.required(input.policyName)
            let version = try input.versionID.find(of: policy.name, in: table)
            guard version.version != policy.defaultVersion else {
                throw AWSError.deleteConflict("Cannot delete the default version of a policy")
            }
            try table.deleteVersion(version.version, of: policy.name)
        }
        return EmptyOutput()
    }
}

/// Puts a version in force.
struct SetDefaultPolicyVersion: AWSOperation {
    static let route = OperationRoute(.iot, "SetDefaultPolicyVersion", "PATCH", "/policies/{policyName}/version/{policyVersionId}")

    let identity: IdentityService

    func handle(_ input: PolicyVersionInput, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.identity.clock()
        let changed = try await self.identity.store.write { connection in
            let table = PolicyTable(connection: connection)
            var policy = try table.required(input.policyName)
            let version = try input.versionID.find(of: policy.name, in: table)
            guard version.version != policy.defaultVersion else { return false }
            policy.defaultVersion = version.version
            policy.modified = now
            try table.update(policy)
            return true
        }
        if changed { await self.identity.changed(.policy(input.policyName)) }
        return EmptyOutput()
    }
}
