package import Storage

extension Broker {
    /// The broker's tables.
    package static let migrations = [
        Migration(
            room: "broker", version: 1,
            statements: [
                // One row a session that outlives its connection. Times are milliseconds since 1970; disconnected_at 0: connected.
                """
                CREATE TABLE broker_session (
                    id INTEGER PRIMARY KEY, client_id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, expiry INTEGER NOT NULL,
                    disconnected_at INTEGER NOT NULL, principal TEXT NOT NULL, will BLOB, will_delay INTEGER NOT NULL,
                    will_expiry INTEGER, sent_through INTEGER NOT NULL)
                """,
                """
                CREATE TABLE broker_subscription (
                    session INTEGER NOT NULL, filter TEXT NOT NULL, options INTEGER NOT NULL, identifier INTEGER NOT NULL,
                    PRIMARY KEY (session, filter)) WITHOUT ROWID
                """,
                // Runs of queued messages (QueueCodec); a row goes when its last message is finished.
                """
                CREATE TABLE broker_queue (
                    session INTEGER NOT NULL, first_sequence INTEGER NOT NULL, last_sequence INTEGER NOT NULL,
                    messages INTEGER NOT NULL, bytes INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (session, first_sequence))
                """,
                // Messages below the head of a session are finished although their row is still there.
                "CREATE TABLE broker_head (session INTEGER PRIMARY KEY, head INTEGER NOT NULL)",
                // QoS 2 messages whose PUBREC came: PUBREL is next.
                """
                CREATE TABLE broker_released (session INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (session, sequence))
                WITHOUT ROWID
                """,
                // QoS 2 packet identifiers that a client used and has not released.
                """
                CREATE TABLE broker_received (session INTEGER NOT NULL, packet_id INTEGER NOT NULL, PRIMARY KEY (session, packet_id))
                WITHOUT ROWID
                """,
                // Bodies that several queues refer to.
                "CREATE TABLE broker_message (id INTEGER PRIMARY KEY, references_left INTEGER NOT NULL, data BLOB NOT NULL)",
                "CREATE TABLE broker_retained (topic TEXT PRIMARY KEY, data BLOB NOT NULL)",
            ]),
        Migration(
            room: "broker", version: 2,
            statements: [
                // The queue of a share group: `session` is its number in the queue tables, which no session has.
                "CREATE TABLE broker_group (filter TEXT PRIMARY KEY, session INTEGER NOT NULL) WITHOUT ROWID"
            ]),
    ]
}
