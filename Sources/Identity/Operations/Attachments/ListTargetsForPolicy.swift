import AWSAPI
import JSON

struct ListTargetsForPolicy: AWSOperation {
    static let route = OperationRoute(.iot, "ListTargetsForPolicy", "POST", "/policy-targets/{policyName}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let policyName: String
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.policyName = try input.policyName()
            self.listing = try MarkerListing(input, ascendingByDefault: true)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.identity.targets(of: input.policyName, as: "targets", input.listing, context)
    }
}
