import Storage

/// The subscriptions of the embedded SNS. Topics, with what was published to them, are in the log of records.
enum SNSSchema {
    static let migrations = [Migration(room: "Targets", version: 21, statements: tables)]

    private static let tables = [
        // endpoint: the name of a queue, or a function's ARN. is_raw: the message goes as it is, without envelope.
        """
        CREATE TABLE sns_subscription (id TEXT NOT NULL PRIMARY KEY, topic TEXT NOT NULL, protocol TEXT NOT NULL, endpoint TEXT NOT NULL, \
        is_raw BIGINT NOT NULL)
        """,
        "CREATE UNIQUE INDEX sns_subscription_topic ON sns_subscription (topic, protocol, endpoint)",
    ]
}
