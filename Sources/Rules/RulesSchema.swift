package import Storage

/// The tables of this room.
package enum RulesSchema {
    package static let migrations: [Migration] = [Migration(room: "Rules", version: 1, statements: tables)]

    private static let tables = [
        // definition: the payload of CreateTopicRule as JSON. created_at: seconds since 1970.
        "CREATE TABLE rules (name TEXT PRIMARY KEY, definition TEXT NOT NULL, created_at BIGINT NOT NULL)",
        // Messages that a rule took and whose actions are not all done. done: one bit for each action that is.
        "CREATE TABLE rule_journal (id BIGINT PRIMARY KEY, rule TEXT NOT NULL, message BLOB NOT NULL, done BIGINT NOT NULL)",
    ]
}
