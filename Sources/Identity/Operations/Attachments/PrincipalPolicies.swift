import AWSAPI
import JSON

// The older names of the same relation, still in the model: the principal comes in a header (AWS IoT Developer Guide, policies).

struct AttachPrincipalPolicy: AWSOperation {
    static let route = OperationRoute(.iot, "AttachPrincipalPolicy", "PUT", "/principal-policies/{policyName}")

    let identity: IdentityService

    func handle(_ input: PrincipalPolicyInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.attach(policy: input.policyName, to: PolicyTarget(input.principal, in: context.account))
        return EmptyOutput()
    }
}

struct DetachPrincipalPolicy: AWSOperation {
    static let route = OperationRoute(.iot, "DetachPrincipalPolicy", "DELETE", "/principal-policies/{policyName}")

    let identity: IdentityService

    func handle(_ input: PrincipalPolicyInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.detach(policy: input.policyName, from: PolicyTarget(input.principal, in: context.account))
        return EmptyOutput()
    }
}

struct PrincipalPolicyInput: OperationDecodable {
    let policyName: String
    let principal: String

    init(_ input: OperationInput) throws {
        self.policyName = try input.policyName()
        self.principal = try input.string("principal", in: .header(.amznIoTPrincipal), max: 2_048)
    }
}

struct ListPrincipalPolicies: AWSOperation {
    static let route = OperationRoute(.iot, "ListPrincipalPolicies", "GET", "/principal-policies")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let principal: String
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.principal = try input.string("principal", in: .header(.amznIoTPrincipal), max: 2_048)
            self.listing = try MarkerListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.identity.policies(of: PolicyTarget(input.principal, in: context.account), input.listing, context)
    }
}

struct ListPolicyPrincipals: AWSOperation {
    static let route = OperationRoute(.iot, "ListPolicyPrincipals", "GET", "/policy-principals")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let policyName: String
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.policyName = try input.policyName(in: .header(.amznIoTPolicy))
            self.listing = try MarkerListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.identity.targets(of: input.policyName, as: "principals", input.listing, context)
    }
}
