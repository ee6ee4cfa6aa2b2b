import AWSAPI
import FoundationEssentials
import Identity
import JSON
import Storage

/// A new billing group. The same call again succeeds with the same id.
struct CreateBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "CreateBillingGroup", "POST", "/billing-groups/{billingGroupName}")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let description: String?
        let tags: [Tag]

        init(_ input: OperationInput) throws {
            self.name = try input.billingGroupName()
            self.description = try input.billingGroupDescription()
            self.tags = try Tag.readOptionalList(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let candidate = BillingGroup(
            name: input.name, id: UUID().uuidString.lowercased(), description: input.description, createdAt: self.registry.clock())
        let group = try await self.registry.change { transaction in
            let table = transaction.billingGroups
            if let found = try table.find(input.name) {
                guard found.description == input.description else {
                    throw AWSError.resourceAlreadyExists(
                        "Billing Group \(input.name) already exists in current account with different properties", resourceID: found.id,
                        resourceARN: context.account.billingGroupARN(input.name))
                }
                return found
            }
            guard try table.count() < RegistryLimits.billingGroups else {
                throw AWSError.invalidRequest("There can be at most \(RegistryLimits.billingGroups) billing groups")
            }
            try table.set(candidate)
            try TagTable(connection: transaction.connection).set(input.tags, on: "billinggroup/\(input.name)")
            return candidate
        }
        return [
            "billingGroupName": .string(group.name), "billingGroupArn": .string(context.account.billingGroupARN(group.name)),
            "billingGroupId": .string(group.id),
        ]
    }
}

struct DescribeBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeBillingGroup", "GET", "/billing-groups/{billingGroupName}")

    let registry: RegistryService

    func handle(_ input: BillingGroupNameInput, _ context: OperationContext) async throws -> JSONObject {
        let group = try await self.registry.store.read { try BillingGroupTable(connection: $0).required(input.name) }
        var properties: JSONObject = [:]
        properties["billingGroupDescription"] = group.description.map(JSONValue.string)
        return [
            "billingGroupName": .string(group.name), "billingGroupId": .string(group.id),
            "billingGroupArn": .string(context.account.billingGroupARN(group.name)), "version": .int(group.version),
            "billingGroupProperties": .object(properties), "billingGroupMetadata": ["creationDate": .seconds(group.createdAt)],
        ]
    }
}

/// The groups by name.
struct ListBillingGroups: AWSOperation {
    static let route = OperationRoute(.iot, "ListBillingGroups", "GET", "/billing-groups")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let listing: TokenListing
        let prefix: String?

        init(_ input: OperationInput) throws {
            self.listing = try TokenListing(input)
            self.prefix = try input.optionalName("namePrefixFilter", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.prefix]
        let position = try input.listing.position(context.pages, query: query)
        let groups = try await self.registry.store.read {
            try BillingGroupTable(connection: $0).page(after: position, prefix: input.prefix ?? "", count: input.listing.count)
        }
        return input.listing.output("billingGroups", groups, context.pages, query: query, position: \.name) { group in
            ["groupName": .string(group.name), "groupArn": .string(context.account.billingGroupARN(group.name))]
        }
    }
}
