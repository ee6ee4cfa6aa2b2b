/// A thing of the registry.
struct Thing: Sendable, Hashable {
    var name: String
    /// A UUID, given once.
    var id: String
    /// From 1, rising by one with each update.
    var version: Int64
    var typeName: String?
    var billingGroupName: String?
    var attributes: [String: String]
    /// Its row's; 0 before it has one. Rises with the order of creation.
    var number: Int64 = 0
}
