import JSON

/// A group of things: a static one with members that somebody adds, in a hierarchy; or a dynamic one whose members a query finds.
struct ThingGroup: Sendable, Hashable {
    var name: String
    /// A UUID, given once.
    var id: String
    /// From 1, rising by one with each update.
    var version: Int64 = 1
    /// The number of the group that it is in; nil for a root.
    var parent: Int64?
    /// The number of the group at the top of its hierarchy, which may be itself.
    var root: Int64 = 0
    /// 1 for a root.
    var depth: Int64 = 1
    var description: String?
    var attributes: [String: String] = [:]
    /// Milliseconds since 1970.
    var createdAt: Int64
    /// Nil for a static group.
    var membershipQuery: MembershipQuery?
    /// Its row's; 0 before it has one.
    var number: Int64 = 0

    var isDynamic: Bool { self.membershipQuery != nil }

    var attributesJSON: JSONValue {
        .object(JSONObject(self.attributes.sorted { $0.key < $1.key }.map { ($0.key, JSONValue.string($0.value)) }))
    }
}

/// What decides on the members of a dynamic group.
struct MembershipQuery: Sendable, Hashable {
    enum Status: String, Sendable, Hashable {
        case active = "ACTIVE"
        case building = "BUILDING"
        case rebuilding = "REBUILDING"
    }

    /// In the query language of fleet indexing.
    var text: String
    var version: String
    var indexName: String
    var status: Status
}
