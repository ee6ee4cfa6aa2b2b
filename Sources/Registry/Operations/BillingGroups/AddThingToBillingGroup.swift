import AWSAPI
import JSON
import Storage

/// Puts a thing into a billing group; it leaves the one that it was in.
struct AddThingToBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "AddThingToBillingGroup", "PUT", "/billing-groups/addThingToBillingGroup")

    let registry: RegistryService

    func handle(_ input: BillingMembershipInput, _ context: OperationContext) async throws -> EmptyOutput {
        let names = try input.names(in: context.account)
        try await self.registry.change { transaction in
            let thing = try transaction.things.required(names.thing)
            _ = try transaction.billingGroups.required(names.group)
            try transaction.billingGroups.put(thing, into: names.group)
        }
        return EmptyOutput()
    }
}

/// Takes a thing out of a billing group; one that is not in it is as good as taken out.
struct RemoveThingFromBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "RemoveThingFromBillingGroup", "PUT", "/billing-groups/removeThingFromBillingGroup")

    let registry: RegistryService

    func handle(_ input: BillingMembershipInput, _ context: OperationContext) async throws -> EmptyOutput {
        let names = try input.names(in: context.account)
        try await self.registry.change { transaction in
            let thing = try transaction.things.required(names.thing)
            _ = try transaction.billingGroups.required(names.group)
            if thing.billingGroupName == names.group { try transaction.billingGroups.put(thing, into: nil) }
        }
        return EmptyOutput()
    }
}

/// A thing and a billing group, each by its name or its ARN.
struct BillingMembershipInput: OperationDecodable {
    let thing: NameOrARN
    let group: NameOrARN

    init(_ input: OperationInput) throws {
        self.thing = try NameOrARN(input, "thingName", "thingArn")
        self.group = try NameOrARN(input, "billingGroupName", "billingGroupArn")
    }

    func names(in account: AccountContext) throws(AWSError) -> (thing: String, group: String) {
        (try self.thing.name("thing/", in: account), try self.group.name("billinggroup/", in: account))
    }
}

/// The things in a billing group, by name.
struct ListThingsInBillingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingsInBillingGroup", "GET", "/billing-groups/{billingGroupName}/things")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let listing: TokenListing

        init(_ input: OperationInput) throws {
            self.name = try input.billingGroupName()
            self.listing = try TokenListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.name]
        let position = try input.listing.position(context.pages, query: query)
        let things = try await self.registry.store.read { connection in
            let table = BillingGroupTable(connection: connection)
            _ = try table.required(input.name)
            return try table.things(in: input.name, after: position, count: input.listing.count)
        }
        return input.listing.output("things", things, context.pages, query: query, position: \.self) { .string($0) }
    }
}
