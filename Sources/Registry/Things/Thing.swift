/// A thing of the registry.
struct Thing: Sendable, Hashable {
    var name: String
    /// A UUID, given once.
    var id: String
    /// From 1, rising by one with each update.
    var version: Int64
    var attributes: [String: String]
}
