import AWSAPI
import JSON
import Storage

/// The groups by name: all of them, those below one, or only those right below.
struct ListThingGroups: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingGroups", "GET", "/thing-groups")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let listing: TokenListing
        let parent: String?
        let prefix: String?
        let isRecursive: Bool

        init(_ input: OperationInput) throws {
            self.listing = try TokenListing(input)
            self.parent = try input.optionalName("parentGroup", in: .query)
            self.prefix = try input.optionalName("namePrefixFilter", in: .query)
            self.isRecursive = try input.bool("recursive", in: .query, default: true)
        }

        var query: [String?] { [self.parent, self.prefix, self.isRecursive ? "recursive" : nil] }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let position = try input.listing.position(context.pages, query: input.query)
        let groups = try await self.registry.store.read { connection in
            let parent = try input.parent.map { try GroupTable(connection: connection).required($0) }
            return try GroupListing(connection: connection).page(
                after: position, count: input.listing.count,
                matching: GroupListing.Filter(parent: parent, prefix: input.prefix ?? "", isRecursive: input.isRecursive))
        }
        return input.listing.output("thingGroups", groups, context.pages, query: input.query, position: \.name) {
            $0.reference(in: context.account)
        }
    }
}

/// The groups that a thing is in itself, dynamic ones too.
struct ListThingGroupsForThing: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingGroupsForThing", "GET", "/things/{thingName}/thing-groups")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let thingName: String
        let listing: TokenListing

        init(_ input: OperationInput) throws {
            self.thingName = try input.thingName()
            self.listing = try TokenListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.thingName]
        let position = try input.listing.position(context.pages, query: query)
        let groups = try await self.registry.store.read { connection in
            let thing = try ThingTable(connection: connection).required(input.thingName)
            return try MemberTable(connection: connection).groups(of: thing.number)
        }
        let rest = groups.filter { group in position.map { group.name > $0 } ?? true }
        return input.listing.output("thingGroups", rest, context.pages, query: query, position: \.name) {
            $0.reference(in: context.account)
        }
    }
}

/// The members of a group, and with `recursive` those of the groups below it.
struct ListThingsInThingGroup: AWSOperation {
    static let route = OperationRoute(.iot, "ListThingsInThingGroup", "GET", "/thing-groups/{thingGroupName}/things")

    let registry: RegistryService

    struct Input: OperationDecodable {
        let name: String
        let listing: TokenListing
        let isRecursive: Bool

        init(_ input: OperationInput) throws {
            self.name = try input.groupName()
            self.listing = try TokenListing(input)
            self.isRecursive = try input.bool("recursive", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.name, input.isRecursive ? "recursive" : nil]
        let position = try input.listing.position(context.pages, query: query).flatMap(GroupListing.MemberPosition.init)
        let things = try await self.registry.store.read { connection in
            let group = try GroupTable(connection: connection).required(input.name)
            return try GroupListing(connection: connection).things(
                in: group, isRecursive: input.isRecursive, after: position ?? GroupListing.MemberPosition(), count: input.listing.count)
        }
        return input.listing.output("things", things, context.pages, query: query, position: \.position.text) { .string($0.name) }
    }
}
