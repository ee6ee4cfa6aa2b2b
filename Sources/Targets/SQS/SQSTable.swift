import AWSAPI
import JSON
import Storage

/// One queue as the database has it. Times are milliseconds since 1970.
struct SQSQueue: Sendable {
    let name: String
    var attributes: SQSQueueAttributes
    var tags: [String: String]
    let createdAt: Int64
    let modifiedAt: Int64
    let messages: Int
    let bytes: Int
    let last: Int64
}

/// The queues, inside one transaction. Their messages: `SQSTable+Messages`.
struct SQSTable {
    let connection: any StoreConnection
    let limits: TargetLimits
    /// Milliseconds since 1970.
    let now: Int64

    func queue(_ name: String) throws -> SQSQueue? {
        try self.connection.queryOne(Self.select + " WHERE name = ?", [.text(name)]).map(Self.queue)
    }

    /// - Throws: QueueDoesNotExist.
    func existing(_ name: String) throws -> SQSQueue {
        guard let queue = try self.queue(name) else { throw AWSError.noQueue }
        return queue
    }

    /// In the order of their names.
    func queues(prefix: String = "", after name: String = "", limit: Int) throws -> [SQSQueue] {
        try self.connection.query(
            Self.select + " WHERE name > ? AND SUBSTR(name, 1, ?) = ? ORDER BY name LIMIT ?",
            [.text(name), StoreValue(prefix.unicodeScalars.count), .text(prefix), StoreValue(limit)]
        ).map(Self.queue)
    }

    /// Makes a queue that is not there.
    ///
    /// - Throws: OverLimit.
    func create(_ name: String, _ attributes: SQSQueueAttributes, tags: [String: String] = [:]) throws {
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM sqs_queue")?.integer(0) ?? 0
        guard Int(count) < self.limits.maxTargets else {
            throw AWSError.sqs("OverLimit", "This server has \(self.limits.maxTargets) queues, which is all that it takes: delete some.")
        }
        try self.connection.execute(
            "INSERT INTO sqs_queue (name, attributes, tags, created_at, modified_at, messages, bytes, last) VALUES (?, ?, ?, ?, ?, 0, 0, 0)",
            [.text(name), Self.text(attributes.values), Self.text(tags), .integer(self.now), .integer(self.now)])
    }

    func delete(_ name: String) throws {
        try self.connection.execute("DELETE FROM sqs_message WHERE queue = ?", [.text(name)])
        guard try self.connection.execute("DELETE FROM sqs_queue WHERE name = ?", [.text(name)]) > 0 else { throw AWSError.noQueue }
    }

    func purge(_ name: String) throws {
        _ = try self.existing(name)
        try self.connection.execute("DELETE FROM sqs_message WHERE queue = ?", [.text(name)])
        try self.connection.execute("UPDATE sqs_queue SET messages = 0, bytes = 0 WHERE name = ?", [.text(name)])
    }

    func setAttributes(_ attributes: SQSQueueAttributes, of name: String) throws {
        try self.connection.execute(
            "UPDATE sqs_queue SET attributes = ?, modified_at = ? WHERE name = ?",
            [Self.text(attributes.values), .integer(self.now), .text(name)])
    }

    func setTags(_ tags: [String: String], of name: String) throws {
        try self.connection.execute("UPDATE sqs_queue SET tags = ? WHERE name = ?", [Self.text(tags), .text(name)])
    }

    /// The queue that failed messages move to has to be there when it is named.
    func checkRedrive(_ attributes: SQSQueueAttributes) throws {
        guard let redrive = attributes.redrive, try self.queue(redrive.deadLetterQueue) == nil else { return }
        throw AWSError.sqsParameter("RedrivePolicy", attributes.values["RedrivePolicy"] ?? "", "Dead letter target does not exist.")
    }

    // MARK: Rows

    private static let select = "SELECT name, attributes, tags, created_at, modified_at, messages, bytes, last FROM sqs_queue"

    private static func queue(_ row: StoreRow) throws -> SQSQueue {
        SQSQueue(
            name: try row.text(0), attributes: try SQSQueueAttributes(try Self.texts(try row.text(1))),
            tags: try Self.texts(try row.text(2)),
            createdAt: try row.integer(3), modifiedAt: try row.integer(4), messages: Int(try row.integer(5)),
            bytes: Int(try row.integer(6)),
            last: try row.integer(7))
    }

    private static func text(_ texts: [String: String]) -> StoreValue {
        .text(JSONValue.object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).serialized())
    }

    private static func texts(_ text: String) throws -> [String: String] {
        guard case .object(let object) = try JSONValue(parsing: text) else {
            throw StoreError.corrupt(path: nil, what: "attributes of a queue are no JSON object")
        }
        return try OperationInput.stringMap(object, "attributes")
    }
}
