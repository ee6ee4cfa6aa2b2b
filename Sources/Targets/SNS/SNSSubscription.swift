import Storage

/// Who gets what is published to a topic.
struct SNSSubscription: Sendable, Hashable {
    /// The protocols that there are, as the API has them.
    enum Kind: String, Sendable { case sqs, lambda }

    /// The last part of its ARN.
    let id: String
    let topic: String
    let kind: Kind
    /// The name of a queue, or a function's ARN.
    let endpoint: String
    var isRaw: Bool
}

/// The subscriptions, inside one transaction.
struct SNSSubscriptions {
    /// Of one topic. Past it Subscribe answers SubscriptionLimitExceeded.
    static let maxPerTopic = 1_000

    let connection: any StoreConnection

    func find(_ id: String) throws -> SNSSubscription? {
        try self.connection.queryOne(Self.select + " WHERE id = ?", [.text(id)]).map(Self.subscription)
    }

    func find(topic: String, kind: SNSSubscription.Kind, endpoint: String) throws -> SNSSubscription? {
        try self.connection.queryOne(
            Self.select + " WHERE topic = ? AND protocol = ? AND endpoint = ?", [.text(topic), .text(kind.rawValue), .text(endpoint)]
        ).map(Self.subscription)
    }

    func all(of topic: String) throws -> [SNSSubscription] {
        try self.connection.query(Self.select + " WHERE topic = ? ORDER BY id LIMIT ?", [.text(topic), StoreValue(Self.maxPerTopic)])
            .map(Self.subscription)
    }

    /// Those of a topic, or all, in the order of their ids.
    func page(of topic: String?, after id: String, limit: Int) throws -> [SNSSubscription] {
        let condition = topic == nil ? " WHERE id > ?" : " WHERE id > ? AND topic = ?"
        return try self.connection.query(
            Self.select + condition + " ORDER BY id LIMIT ?", [.text(id)] + (topic.map { [.text($0)] } ?? []) + [StoreValue(limit)]
        ).map(Self.subscription)
    }

    func count(of topic: String) throws -> Int {
        let row = try self.connection.queryOne("SELECT COUNT(*) FROM sns_subscription WHERE topic = ?", [.text(topic)])
        return Int(try row?.integer(0) ?? 0)
    }

    func insert(_ subscription: SNSSubscription) throws {
        try self.connection.execute(
            "INSERT INTO sns_subscription (id, topic, protocol, endpoint, is_raw) VALUES (?, ?, ?, ?, ?)",
            [
                .text(subscription.id), .text(subscription.topic), .text(subscription.kind.rawValue), .text(subscription.endpoint),
                StoreValue(subscription.isRaw),
            ])
    }

    func setRaw(_ isRaw: Bool, of id: String) throws {
        try self.connection.execute("UPDATE sns_subscription SET is_raw = ? WHERE id = ?", [StoreValue(isRaw), .text(id)])
    }

    func delete(_ id: String) throws {
        try self.connection.execute("DELETE FROM sns_subscription WHERE id = ?", [.text(id)])
    }

    func deleteAll(of topic: String) throws {
        try self.connection.execute("DELETE FROM sns_subscription WHERE topic = ?", [.text(topic)])
    }

    private static let select = "SELECT id, topic, protocol, endpoint, is_raw FROM sns_subscription"

    private static func subscription(_ row: StoreRow) throws -> SNSSubscription {
        guard let kind = SNSSubscription.Kind(rawValue: try row.text(2)) else {
            throw StoreError.corrupt(path: nil, what: "a subscription's protocol is unknown")
        }
        return SNSSubscription(
            id: try row.text(0), topic: try row.text(1), kind: kind, endpoint: try row.text(3), isRaw: try row.bool(4))
    }
}
