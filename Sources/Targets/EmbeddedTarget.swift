package import JSON

/// A service of AWS that this server holds itself, so that what is sent there does something real without a cloud: it shows its contents.
package protocol EmbeddedTarget: Sendable {
    /// The service's name in signatures, which is its key in `endpoints` too ("sqs").
    var service: String { get }

    /// What there is: queues, tables, buckets, in the order of their names.
    func contents() async throws -> [TargetSummary]

    /// The newest records of one of them that are newer than `position`, the oldest first.
    ///
    /// - Parameter position: nil for the newest of all.
    /// - Returns: nil when there is no such thing.
    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]?

    /// The newest record with this key: an object's, an item's, a message's.
    func record(of name: String, key: String) async throws -> TargetRecord?
}

/// One queue, table, bucket, stream.
package struct TargetSummary: Sendable, Hashable {
    package var name: String
    /// What it is ("queue").
    package var kind: String
    package var records: Int
    package var bytes: Int

    package init(name: String, kind: String, records: Int, bytes: Int) {
        self.name = name
        self.kind = kind
        self.records = records
        self.bytes = bytes
    }
}

/// One message, item, object as it is shown.
package struct TargetRecord: Sendable, Hashable {
    /// Rises with the time of arrival within its target.
    package var position: Int64
    package var key: String
    /// Milliseconds since 1970.
    package var time: Int64
    /// What the service knows beside the content: a partition key, a content type.
    package var attributes: JSONObject
    package var body: [UInt8]

    package init(position: Int64 = 0, key: String, time: Int64, attributes: JSONObject = [:], body: [UInt8]) {
        self.position = position
        self.key = key
        self.time = time
        self.attributes = attributes
        self.body = body
    }
}
