package import Storage

/// The tables of this room. Times are seconds since 1970; `name` is empty for the classic shadow.
package enum ShadowSchema {
    package static let migrations: [Migration] = [Migration(room: "Shadows", version: 1, statements: tables)]

    private static let tables = [
        // JSON texts, so that a get is one look-up and no parsing; delta is null when nothing differs. A deleted shadow stays for its
        // version, with deleted_at set and its texts empty.
        """
        CREATE TABLE shadows (
            id INTEGER PRIMARY KEY, thing TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, timestamp BIGINT NOT NULL,
            state BLOB NOT NULL, metadata BLOB NOT NULL, delta BLOB, deleted_at BIGINT, UNIQUE (thing, name))
        """,
        "CREATE INDEX shadows_deleted ON shadows (deleted_at) WHERE deleted_at IS NOT NULL",
        // What a shadow was after each of its last changes; is_deletion 1: the change was its deletion. source: who asked for it.
        """
        CREATE TABLE shadow_history (
            thing TEXT NOT NULL, name TEXT NOT NULL, version BIGINT NOT NULL, is_deletion INTEGER NOT NULL, timestamp BIGINT NOT NULL,
            source TEXT NOT NULL, state BLOB NOT NULL, PRIMARY KEY (thing, name, version, is_deletion))
        """,
    ]
}
