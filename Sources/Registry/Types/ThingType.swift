import JSON

/// What things of one kind have in common.
struct ThingType: Sendable, Hashable {
    var name: String
    /// A UUID, given once.
    var id: String
    var description: String?
    /// Names of attributes; nil when none were given.
    var searchableAttributes: [String]?
    /// What the messages of its things' devices are told with; nil when none were given.
    var propagatingAttributes: [PropagatingAttribute]?
    /// Milliseconds since 1970.
    var createdAt: Int64
    /// Milliseconds since 1970; nil for one that is not deprecated.
    var deprecatedAt: Int64?
}
