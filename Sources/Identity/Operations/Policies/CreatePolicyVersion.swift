import AWSAPI
import JSON
import Storage

/// A further version of a policy; with `setAsDefault` it is in force when this returns.
struct CreatePolicyVersion: AWSOperation {
    static let route = OperationRoute(.iot, "CreatePolicyVersion", "POST", "/policies/{policyName}/version")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let policyName: String
        let document: String
        let setAsDefault: Bool

        init(_ input: OperationInput) throws {
            self.policyName = try input.policyName()
            self.document = try input.policyDocument()
            self.setAsDefault = try input.bool("setAsDefault", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        let version = try await self.identity.store.write { connection in
            let table = PolicyTable(connection: connection)
            var policy = try table.required(input.policyName)
            guard try table.versions(of: policy.name).count < IdentityLimits.policyVersions else {
                throw AWSError.versionsLimitExceeded(
                    "The policy \(policy.name) already has the maximum number of versions (\(IdentityLimits.policyVersions))")
            }
            let version = policy.nextVersion
            try table.insert(PolicyVersionRecord(version: version, document: input.document, created: now), of: policy.name)
            policy.nextVersion += 1
            policy.modified = now
            if input.setAsDefault { policy.defaultVersion = version }
            try table.update(policy)
            return version
        }
        if input.setAsDefault { await self.identity.changed(.policy(input.policyName)) }
        return [
            "policyArn": .string(context.account.policyARN(input.policyName)),
            "policyDocument": .string(input.document),
            "policyVersionId": .string(String(version)),
            "isDefaultVersion": .bool(input.setAsDefault),
        ]
    }
}
