package import Storage

/// The tables of this room.
package enum RulesSchema {
    package static let migrations: [Migration] = [
        Migration(room: "Rules", version: 1, statements: tables), Migration(room: "Rules", version: 2, statements: destinations),
    ]

    private static let tables = [
        // definition: the payload of CreateTopicRule as JSON. created_at: seconds since 1970.
        "CREATE TABLE rules (name TEXT PRIMARY KEY, definition TEXT NOT NULL, created_at BIGINT NOT NULL)",
        // Messages that a rule took and whose actions are not all done. done: one bit for each action that is.
        "CREATE TABLE rule_journal (id BIGINT PRIMARY KEY, rule TEXT NOT NULL, message BLOB NOT NULL, done BIGINT NOT NULL)",
    ]

    private static let destinations = [
        // id: "http/UUID" or "vpc/UUID". url: the confirmation URL. token: what confirms it, null when it is confirmed. needs_message: the
        // confirmation message was not delivered yet. Times: milliseconds since 1970.
        """
        CREATE TABLE rule_destinations (id TEXT PRIMARY KEY, kind TEXT NOT NULL, url TEXT UNIQUE, configuration TEXT NOT NULL, \
        status TEXT NOT NULL, reason TEXT, token TEXT UNIQUE, challenged_at BIGINT NOT NULL, needs_message BIGINT NOT NULL, \
        created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL)
        """
    ]
}
