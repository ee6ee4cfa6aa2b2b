import Storage

/// The tables of the embedded SQS.
enum SQSSchema {
    static let migrations = [Migration(room: "Targets", version: 20, statements: tables)]

    private static let tables = [
        // attributes, tags: JSON objects of texts. bytes: of all bodies. last: the newest message's position. Times are milliseconds since 1970.
        """
        CREATE TABLE sqs_queue (name TEXT NOT NULL PRIMARY KEY, attributes TEXT NOT NULL, tags TEXT NOT NULL, created_at BIGINT NOT NULL, \
        modified_at BIGINT NOT NULL, messages BIGINT NOT NULL, bytes BIGINT NOT NULL, last BIGINT NOT NULL)
        """,
        // receipt: what the newest receipt handle has to have; null before the first receive. origin: the queue that a dead letter is from.
        """
        CREATE TABLE sqs_message (queue TEXT NOT NULL, position BIGINT NOT NULL, id TEXT NOT NULL, visible_at BIGINT NOT NULL, \
        sent_at BIGINT NOT NULL, first_received_at BIGINT, receives BIGINT NOT NULL, receipt TEXT, sender TEXT NOT NULL, \
        attributes TEXT NOT NULL, trace TEXT, origin TEXT, body TEXT NOT NULL, size BIGINT NOT NULL, PRIMARY KEY (queue, position))
        """,
        "CREATE INDEX sqs_message_visible ON sqs_message (queue, visible_at, position)",
        "CREATE INDEX sqs_message_sent ON sqs_message (queue, sent_at)",
        "CREATE INDEX sqs_message_id ON sqs_message (queue, id)",
    ]
}
