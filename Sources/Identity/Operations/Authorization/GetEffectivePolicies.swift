import AWSAPI
import JSON
import Storage

/// The policies that count for a principal, with their documents in force. A thing adds those of its groups and of all above them.
struct GetEffectivePolicies: AWSOperation {
    static let route = OperationRoute(.iot, "GetEffectivePolicies", "POST", "/effective-policies")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let principal: String?
        let thingName: String?

        init(_ input: OperationInput) throws {
            self.thingName = try input.optionalString("thingName", in: .query, min: 1, max: 128, pattern: .thingName)
            self.principal = try input.testedPrincipal()
            if self.thingName == nil && self.principal == nil { throw AWSError.principalRequired }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let target = try input.principal.map { try PolicyTarget($0, in: context.account) }
        let identity = self.identity
        let policies = try await identity.store.read { connection -> [(name: String, document: String)] in
            var found = PolicySet()
            if let target {
                try identity.checkExists(target, in: connection)
                found = try identity.loader.policies(of: target, in: connection)
            }
            if let name = input.thingName {
                guard try identity.things.thing(named: name, in: connection) != nil else {
                    throw AWSError.resourceNotFound("Thing \(name) not found")
                }
                let groups = try identity.things.groups(ofThing: name, in: connection)
                found = found.adding(try identity.loader.policies(ofGroups: groups, in: connection))
            }
            return found.documents.map { ($0.name, $0.document.text) }
        }
        let items = policies.map { policy -> JSONValue in
            [
                "policyName": .string(policy.name), "policyArn": .string(context.account.policyARN(policy.name)),
                "policyDocument": .string(policy.document),
            ]
        }
        return ["effectivePolicies": .array(items)]
    }
}
