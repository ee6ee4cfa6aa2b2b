import AWSAPI
import JSON
import Storage

/// The policies of a certificate or a Cognito identity, by name. `recursive` concerns the ancestors of thing groups only.
struct ListAttachedPolicies: AWSOperation {
    /// Greedy, for the slash of an ARN may come as it is (AWS IoT API).
    static let route = OperationRoute(.iot, "ListAttachedPolicies", "POST", "/attached-policies/{target+}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let target: String
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.target = try input.string("target", in: .label, max: 2_048)
            _ = try input.bool("recursive", in: .query)
            self.listing = try MarkerListing(input, ascendingByDefault: true)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        try await self.identity.policies(
            of: PolicyTarget(input.target, in: context.account), input.listing, context)
    }
}

extension IdentityService {
    func policies(of target: PolicyTarget, _ listing: MarkerListing, _ context: OperationContext) async throws -> JSONObject {
        let query = [target.key]
        let position = try listing.position(context.pages, query: query)
        let names = try await self.store.read { connection in
            try Self.checkExists(target, account: context.account, in: connection)
            return try AttachmentTable(connection: connection)
                .policies(target: target, after: position, count: listing.size + 1, ascending: listing.ascending)
        }
        return listing.output("policies", names, context.pages, query: query, position: \.self, json: context.account.policySummary)
    }

    func targets(of policy: String, as name: String, _ listing: MarkerListing, _ context: OperationContext) async throws -> JSONObject {
        let position = try listing.position(context.pages, query: [policy])
        let keys = try await self.store.read { connection in
            _ = try PolicyTable(connection: connection).required(policy)
            return try AttachmentTable(connection: connection)
                .targets(policy: policy, after: position, count: listing.size + 1, ascending: listing.ascending)
        }
        return listing.output(name, keys, context.pages, query: [policy], position: \.self) { key in
            PolicyTarget(key: key).map { .string($0.text(in: context.account)) } ?? .string(key)
        }
    }
}
