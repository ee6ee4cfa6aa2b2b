import Storage

/// The tables of this room. Each service has its own; the log serves those that only take records in.
enum TargetsSchema {
    static let migrations: [Migration] =
        [Migration(room: "Targets", version: 1, statements: log)] + S3Schema.migrations + DynamoDBSchema.migrations
        + SQSSchema.migrations + SNSSchema.migrations
        + [MetricTable.migration, LogStreamTable.migration, DocumentTable.migration]

    private static let log = [
        // attributes: what the service knows of the target, as JSON. bytes: of all records' bodies. last: the newest record's position.
        """
        CREATE TABLE target_log (service TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, attributes TEXT NOT NULL, \
        created_at BIGINT NOT NULL, records BIGINT NOT NULL, bytes BIGINT NOT NULL, last BIGINT NOT NULL, PRIMARY KEY (service, name))
        """,
        """
        CREATE TABLE target_record (service TEXT NOT NULL, name TEXT NOT NULL, position BIGINT NOT NULL, key TEXT NOT NULL, \
        at BIGINT NOT NULL, attributes TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (service, name, position))
        """,
        "CREATE INDEX target_record_key ON target_record (service, name, key, position)",
    ]
}
