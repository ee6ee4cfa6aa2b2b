import AWSAPI
import JSON
import Storage

struct CreatePolicy: AWSOperation {
    static let route = OperationRoute(.iot, "CreatePolicy", "POST", "/policies/{policyName}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let policyName: String
        let document: String
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.policyName = try input.policyName()
            self.document = try input.policyDocument()
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        let policy = PolicyRecord(name: input.policyName, generationID: UniqueID.make(), now: now)
        let arn = context.account.policyARN(policy.name)
        try await self.identity.store.write { connection in
            let table = PolicyTable(connection: connection)
            guard try table.find(policy.name) == nil else {
                throw AWSError.resourceAlreadyExists(
                    "Policy cannot be created - name already exists (name=\(policy.name))", resourceID: policy.name, resourceARN: arn)
            }
            try table.insert(policy)
            try table.insert(PolicyVersionRecord(version: 1, document: input.document, created: now), of: policy.name)
            try TagTable(connection: connection).set(input.tags, on: "policy/\(policy.name)")
        }
        return [
            "policyName": .string(policy.name), "policyArn": .string(arn), "policyDocument": .string(input.document),
            "policyVersionId": "1",
        ]
    }
}
