import AWSAPI

struct AttachPolicy: AWSOperation {
    static let route = OperationRoute(.iot, "AttachPolicy", "PUT", "/target-policies/{policyName}")

    let identity: IdentityService

    func handle(_ input: PolicyTargetInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.attach(policy: input.policyName, to: PolicyTarget(input.target, in: context.account))
        return EmptyOutput()
    }
}

struct DetachPolicy: AWSOperation {
    static let route = OperationRoute(.iot, "DetachPolicy", "POST", "/target-policies/{policyName}")

    let identity: IdentityService

    func handle(_ input: PolicyTargetInput, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.detach(policy: input.policyName, from: PolicyTarget(input.target, in: context.account))
        return EmptyOutput()
    }
}

struct PolicyTargetInput: OperationDecodable {
    let policyName: String
    let target: String

    init(_ input: OperationInput) throws {
        self.policyName = try input.policyName()
        self.target = try input.string("target", max: 2_048)
    }
}
