package import Storage

/// The tables of this room.
package enum FunctionsSchema {
    package static let migrations: [Migration] = [
        Migration(room: "Functions", version: 1, statements: tables), Migration(room: "Functions", version: 2, statements: eventAges),
    ]

    private static let tables = [
        // definition: what FunctionRecord has, as JSON. Its code is the file functions/NAME/CODE.zip of the data folder.
        "CREATE TABLE functions (name TEXT PRIMARY KEY, definition TEXT NOT NULL)",
        // Invocations of the type Event that were accepted and are not done. due_at: milliseconds since 1970.
        """
        CREATE TABLE function_event (id BIGINT PRIMARY KEY, function TEXT NOT NULL, request TEXT NOT NULL, payload BLOB NOT NULL, \
        failures BIGINT NOT NULL, due_at BIGINT NOT NULL)
        """,
    ]

    private static let eventAges = [
        // accepted_at: milliseconds since 1970.
        "ALTER TABLE function_event ADD COLUMN accepted_at BIGINT NOT NULL DEFAULT 0", "UPDATE function_event SET accepted_at = due_at",
    ]
}
