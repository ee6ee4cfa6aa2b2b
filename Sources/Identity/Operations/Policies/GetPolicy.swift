import AWSAPI
import JSON
import Storage

/// A policy with the document that is in force.
struct GetPolicy: AWSOperation {
    static let route = OperationRoute(.iot, "GetPolicy", "GET", "/policies/{policyName}")

    let identity: IdentityService

    func handle(_ input: PolicyNameInput, _ context: OperationContext) async throws -> JSONObject {
        let (policy, version) = try await self.identity.store.read { connection in
            let table = PolicyTable(connection: connection)
            let policy = try table.required(input.policyName)
            return (policy, try table.version(policy.defaultVersion, of: policy.name))
        }
        var result: JSONObject = [
            "policyName": .string(policy.name),
            "policyArn": .string(context.account.policyARN(policy.name)),
            "defaultVersionId": .string(String(policy.defaultVersion)),
            "creationDate": policy.created.json,
            "lastModifiedDate": policy.modified.json,
            "generationId": .string(policy.generationID),
        ]
        result["policyDocument"] = version.map { .string($0.document) }
        return result
    }
}

struct ListPolicies: AWSOperation {
    static let route = OperationRoute(.iot, "ListPolicies", "GET", "/policies")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.listing = try MarkerListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let page = try input.listing.agePage(context.pages)
        let policies = try await self.identity.store.read { try PolicyTable(connection: $0).page(page) }
        return input.listing.output("policies", policies, context.pages, position: \.position.text) {
            context.account.policySummary($0.name)
        }
    }
}

extension PolicyRecord {
    var position: AgePage.Position { AgePage.Position(created: self.created, key: self.name) }
}
