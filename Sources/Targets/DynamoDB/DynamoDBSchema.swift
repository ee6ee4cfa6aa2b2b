import Storage

/// The tables of the embedded DynamoDB.
enum DynamoDBSchema {
    static let migrations = [Migration(room: "Targets", version: 11, statements: statements)]

    private static let statements = [
        // The types are S, N or B. settings: what DescribeTable tells beside, as JSON.
        // last: the newest item's position.
        """
        CREATE TABLE dynamodb_table (name TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, hash_name TEXT NOT NULL, hash_type TEXT NOT NULL, \
        range_name TEXT, range_type TEXT, settings TEXT NOT NULL, created_at BIGINT NOT NULL, items BIGINT NOT NULL, bytes BIGINT NOT NULL, \
        last BIGINT NOT NULL)
        """,
        // hash_key, range_key: bytes that sort as the values do; range_key is empty without one. shown: the key for people.
        """
        CREATE TABLE dynamodb_item (name TEXT NOT NULL, hash_key BLOB NOT NULL, range_key BLOB NOT NULL, position BIGINT NOT NULL, \
        bytes BIGINT NOT NULL, at BIGINT NOT NULL, shown TEXT NOT NULL, item TEXT NOT NULL, PRIMARY KEY (name, hash_key, range_key))
        """,
        "CREATE INDEX dynamodb_item_position ON dynamodb_item (name, position)",
        "CREATE INDEX dynamodb_item_shown ON dynamodb_item (name, shown, position)",
    ]
}
