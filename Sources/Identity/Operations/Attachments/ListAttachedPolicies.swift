import AWSAPI
import JSON
import Storage

/// The policies of a certificate, a Cognito identity or a thing group, by name; with `recursive` those of the groups above it too.
struct ListAttachedPolicies: AWSOperation {
    /// Greedy, for the slash of an ARN may come as it is (AWS IoT API).
    static let route = OperationRoute(.iot, "ListAttachedPolicies", "POST", "/attached-policies/{target+}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let target: String
        let isRecursive: Bool
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.target = try input.string("target", in: .label, max: 2_048)
            self.isRecursive = try input.bool("recursive", in: .query)
            self.listing = try MarkerListing(input, ascendingByDefault: true)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let target = try PolicyTarget(input.target, in: context.account)
        guard input.isRecursive, case .thingGroup(let name) = target else {
            return try await self.identity.policies(of: target, input.listing, context)
        }
        return try await self.identity.policies(ofGroup: name, input.listing, context)
    }
}

extension IdentityService {
    func policies(of target: PolicyTarget, _ listing: MarkerListing, _ context: OperationContext) async throws -> JSONObject {
        let query = [target.key]
        let position = try listing.position(context.pages, query: query)
        let names = try await self.store.read { connection in
            try self.checkExists(target, in: connection)
            return try AttachmentTable(connection: connection)
                .policies(target: target, after: position, count: listing.size + 1, ascending: listing.ascending)
        }
        return listing.output("policies", names, context.pages, query: query, position: \.self, json: context.account.policySummary)
    }

    /// The policies of a group and of all above it.
    func policies(ofGroup name: String, _ listing: MarkerListing, _ context: OperationContext) async throws -> JSONObject {
        let query = [PolicyTarget.thingGroup(name).key, "recursive"]
        let position = try listing.position(context.pages, query: query)
        let names = try await self.store.read { connection in
            try self.checkExists(.thingGroup(name), in: connection)
            let groups = try self.things.lineage(ofGroup: name, in: connection)?.names ?? []
            let table = AttachmentTable(connection: connection)
            // As many as groups of one hierarchy can have.
            let found = try groups.flatMap {
                try table.policies(target: .thingGroup($0), after: nil, count: IdentityLimits.policiesPerGroup)
            }
            return Set(found).sorted(by: listing.ascending ? { $0 < $1 } : { $0 > $1 })
        }
        let rest = names.filter { name in position.map { listing.ascending ? name > $0 : name < $0 } ?? true }
        return listing.output("policies", rest, context.pages, query: query, position: \.self, json: context.account.policySummary)
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
