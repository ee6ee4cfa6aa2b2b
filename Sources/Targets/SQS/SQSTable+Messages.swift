import AWSAPI
import Foundation
import JSON
import Storage

/// The messages of queues.
extension SQSTable {
    /// Puts messages into a queue that is there; the oldest go when it has too many or too large ones, or when their time is over.
    func append(_ messages: [SQSMessage], to queue: SQSQueue) throws {
        let insert = try self.connection.prepare(
            """
            INSERT INTO sqs_message (queue, position, id, visible_at, sent_at, first_received_at, receives, receipt, sender, attributes, trace, \
            origin, body, size) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        var position = queue.last
        for message in messages {
            position += 1
            try insert.run([
                .text(queue.name), .integer(position), .text(message.id), .integer(message.visibleAt), .integer(message.sentAt),
                StoreValue(message.firstReceivedAt), StoreValue(message.receives), StoreValue(message.receipt), .text(message.sender),
                .text(JSONValue.object(message.attributes).serialized()), StoreValue(message.trace), StoreValue(message.origin),
                .text(message.body), StoreValue(message.size),
            ])
        }
        try self.connection.execute(
            "UPDATE sqs_queue SET messages = messages + ?, bytes = bytes + ?, last = ? WHERE name = ?",
            [StoreValue(messages.count), StoreValue(messages.reduce(0) { $0 + $1.size }), .integer(position), .text(queue.name)])
        try self.dropExpired(queue)
        try self.trim(queue.name)
    }

    /// Removes what is older than the queue's MessageRetentionPeriod.
    func dropExpired(_ queue: SQSQueue) throws {
        let oldest = self.now - Int64(queue.attributes.number("MessageRetentionPeriod")) * 1_000
        try self.remove("sent_at < ?", [.integer(oldest)], from: queue.name)
    }

    /// Oldest messages that are removed one by one.
    private static let singleRemovals = 8

    /// Removes the oldest while there are too many or too large ones.
    private func trim(_ name: String) throws {
        var step = 1
        for round in 0... {
            guard let queue = try self.queue(name), queue.messages > 1,
                queue.messages > self.limits.maxRecords || queue.bytes > self.limits.maxRecordBytes
            else { return }
            // One large message may have to push out very many small ones: after the first few they go in growing groups.
            if round >= Self.singleRemovals { step *= 2 }
            let count = min(queue.messages - 1, max(step, queue.messages - self.limits.maxRecords))
            let removed = try self.remove(
                "position IN (SELECT position FROM sqs_message WHERE queue = ? ORDER BY position LIMIT ?)",
                [.text(name), StoreValue(count)], from: name)
            guard removed > 0 else { return }
        }
    }

    @discardableResult
    private func remove(_ condition: String, _ values: [StoreValue], from queue: String) throws -> Int {
        let all = [.text(queue)] + values
        let found = try self.connection.queryOne(
            "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM sqs_message WHERE queue = ? AND \(condition)", all)
        guard let found, try found.integer(0) > 0 else { return 0 }
        try self.connection.execute("DELETE FROM sqs_message WHERE queue = ? AND \(condition)", all)
        try self.connection.execute(
            "UPDATE sqs_queue SET messages = messages - ?, bytes = bytes - ? WHERE name = ?",
            [.integer(try found.integer(0)), .integer(try found.integer(1)), .text(queue)])
        return Int(try found.integer(0))
    }

    // MARK: Receiving

    /// Most dead letters that one receive moves: more wait for the next.
    private static let maxMovesPerReceive = 100

    /// Takes messages that are visible, and hides them for a time.
    ///
    /// - Returns: them, and the queues that dead letters were moved to.
    func receive(from queue: SQSQueue, max: Int, hiddenSeconds: Int) throws -> (messages: [SQSMessage], moved: [String]) {
        try self.dropExpired(queue)
        var received: [SQSMessage] = []
        var moved: [String] = []
        for var message in try self.visible(in: queue.name, limit: max + Self.maxMovesPerReceive) {
            if received.count == max { break }
            if let target = try self.deadLetterQueue(of: message, in: queue) {
                try self.move(message, from: queue, to: target)
                moved.append(target.name)
                continue
            }
            message.visibleAt = self.now + Int64(hiddenSeconds) * 1_000
            message.firstReceivedAt = message.firstReceivedAt ?? self.now
            message.receives += 1
            message.receipt = UUID().uuidString
            try self.connection.execute(
                "UPDATE sqs_message SET visible_at = ?, first_received_at = ?, receives = ?, receipt = ? WHERE queue = ? AND position = ?",
                [
                    .integer(message.visibleAt), StoreValue(message.firstReceivedAt), StoreValue(message.receives),
                    StoreValue(message.receipt), .text(queue.name), .integer(message.position),
                ])
            received.append(message)
        }
        return (received, moved)
    }

    /// Where a message goes that was received too often; nil for one that stays, as it does when that queue is gone.
    private func deadLetterQueue(of message: SQSMessage, in queue: SQSQueue) throws -> SQSQueue? {
        guard let redrive = queue.attributes.redrive, message.receives >= redrive.maxReceives, redrive.deadLetterQueue != queue.name else {
            return nil
        }
        return try self.queue(redrive.deadLetterQueue)
    }

    private func move(_ message: SQSMessage, from queue: SQSQueue, to target: SQSQueue) throws {
        var message = message
        try self.remove("position = ?", [.integer(message.position)], from: queue.name)
        message.visibleAt = self.now
        message.receipt = nil
        message.origin = message.origin ?? queue.name
        try self.append([message], to: target)
    }

    /// The messages that nobody has now, those that have waited longest first.
    private func visible(in queue: String, limit: Int) throws -> [SQSMessage] {
        try self.connection.query(
            Self.selectMessage + " WHERE queue = ? AND visible_at <= ? ORDER BY visible_at, position LIMIT ?",
            [.text(queue), .integer(self.now), StoreValue(limit)]
        ).map(Self.message)
    }

    /// When the next message can be received, which may be in the past; nil when there is none.
    func nextVisible(in queue: String) throws -> Int64? {
        try self.connection.queryOne(
            "SELECT visible_at FROM sqs_message WHERE queue = ? ORDER BY visible_at, position LIMIT 1", [.text(queue)]
        )?.integer(0)
    }

    // MARK: What was received

    /// Deletes what was received with a handle. With an older handle than the newest it stays, as in SQS.
    func delete(_ receipt: SQSReceipt, from queue: String) throws {
        try self.remove("position = ? AND receipt = ?", [.integer(receipt.position), .text(receipt.secret)], from: queue)
    }

    /// - Throws: InvalidParameterValue, MessageNotInflight.
    func setVisibility(of receipt: SQSReceipt, in queue: String, seconds: Int) throws {
        let found = try self.connection.queryOne(
            "SELECT visible_at FROM sqs_message WHERE queue = ? AND position = ? AND receipt = ?",
            [.text(queue), .integer(receipt.position), .text(receipt.secret)])
        guard let found else {
            throw AWSError.sqsParameter(
                "ReceiptHandle", receipt.text, "Message does not exist or is not available for visibility timeout change.")
        }
        guard try found.integer(0) > self.now else {
            throw AWSError.sqsBatch("MessageNotInflight", "The message that the receipt handle refers to is not in flight.")
        }
        try self.connection.execute(
            "UPDATE sqs_message SET visible_at = ? WHERE queue = ? AND position = ?",
            [.integer(self.now + Int64(seconds) * 1_000), .text(queue), .integer(receipt.position)])
    }

    // MARK: Counting and showing

    /// Messages that somebody has received, and messages that are delayed.
    func hidden(in queue: String) throws -> (inFlight: Int, delayed: Int) {
        let row = try self.connection.queryOne(
            """
            SELECT COALESCE(SUM(CASE WHEN receives > 0 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN receives = 0 THEN 1 ELSE 0 END), 0) \
            FROM sqs_message WHERE queue = ? AND visible_at > ?
            """, [.text(queue), .integer(self.now)])
        return (Int(try row?.integer(0) ?? 0), Int(try row?.integer(1) ?? 0))
    }

    /// The newest messages after a position, the oldest first.
    func newest(of queue: String, after position: Int64?, limit: Int) throws -> [SQSMessage] {
        try self.connection.query(
            Self.selectMessage + " WHERE queue = ? AND position > ? ORDER BY position DESC LIMIT ?",
            [.text(queue), .integer(position ?? 0), StoreValue(limit)]
        ).map(Self.message).reversed()
    }

    func find(_ id: String, in queue: String) throws -> SQSMessage? {
        try self.connection.queryOne(
            Self.selectMessage + " WHERE queue = ? AND id = ? ORDER BY position DESC LIMIT 1", [.text(queue), .text(id)]
        ).map(Self.message)
    }

    private static let selectMessage =
        """
        SELECT position, id, visible_at, sent_at, first_received_at, receives, receipt, sender, attributes, trace, origin, body, size \
        FROM sqs_message
        """

    private static func message(_ row: StoreRow) throws -> SQSMessage {
        guard case .object(let attributes) = try JSONValue(parsing: try row.text(8)) else {
            throw StoreError.corrupt(path: nil, what: "attributes of a message are no JSON object")
        }
        return SQSMessage(
            position: try row.integer(0), id: try row.text(1), visibleAt: try row.integer(2), sentAt: try row.integer(3),
            firstReceivedAt: try row.optionalInteger(4), receives: Int(try row.integer(5)), receipt: try row.optionalText(6),
            sender: try row.text(7), attributes: attributes, trace: try row.optionalText(9), origin: try row.optionalText(10),
            body: try row.text(11), size: Int(try row.integer(12)))
    }
}
