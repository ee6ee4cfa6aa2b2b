import AWSAPI
import JSON
import Storage

struct GetPolicyVersion: AWSOperation {
    static let route = OperationRoute(.iot, "GetPolicyVersion", "GET", "/policies/{policyName}/version/{policyVersionId}")

    let identity: IdentityService

    func handle(_ input: PolicyVersionInput, _ context: OperationContext) async throws -> JSONObject {
        let (policy, version) = try await self.identity.store.read { connection in
            let table = PolicyTable(connection: connection)
            let policy = try table.required(input.policyName)
            return (policy, try input.versionID.find(of: policy.name, in: table))
        }
        return [
            "policyArn": .string(context.account.policyARN(policy.name)),
            "policyName": .string(policy.name),
            "policyDocument": .string(version.document),
            "policyVersionId": .string(String(version.version)),
            "isDefaultVersion": .bool(version.version == policy.defaultVersion),
            "creationDate": version.created.json,
            // A version never changes.
            "lastModifiedDate": version.created.json,
            "generationId": .string(policy.generationID),
        ]
    }
}

struct ListPolicyVersions: AWSOperation {
    static let route = OperationRoute(.iot, "ListPolicyVersions", "GET", "/policies/{policyName}/version")

    let identity: IdentityService

    func handle(_ input: PolicyNameInput, _ context: OperationContext) async throws -> JSONObject {
        let (policy, versions) = try await self.identity.store.read { connection in
            let table = PolicyTable(connection: connection)
            return (try table.required(input.policyName), try table.versions(of: input.policyName))
        }
        let items = versions.map { version -> JSONValue in
            [
                "versionId": .string(String(version.version)),
                "isDefaultVersion": .bool(version.version == policy.defaultVersion),
                "createDate": version.created.json,
            ]
        }
        return ["policyVersions": .array(items)]
    }
}
