import JSON

/// One table.
struct DynamoDBTable: Sendable, Hashable {
    var name: String
    /// A UUID.
    var id: String
    var schema: DynamoDBKeySchema
    /// What DescribeTable tells beside.
    var settings: JSONObject = [:]
    /// Milliseconds since 1970.
    var createdAt: Int64
    var items = 0
    var bytes = 0
    /// The newest item's position.
    var last: Int64 = 0
}

/// One item and where it is.
struct DynamoDBItem: Sendable, Hashable {
    var position: Int64
    /// Milliseconds since 1970.
    var time: Int64
    var bytes: Int
    /// The key for people.
    var shown: String
    var attributes: JSONObject
}
