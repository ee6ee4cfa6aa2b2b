import Storage

/// The tables of the embedded S3: what objects are; their contents are files.
enum S3Schema {
    static let migrations = [Migration(room: "Targets", version: 10, statements: statements)]

    private static let statements = [
        // last: the newest object's position. Times are milliseconds since 1970.
        """
        CREATE TABLE s3_bucket (name TEXT NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL, objects BIGINT NOT NULL, \
        bytes BIGINT NOT NULL, last BIGINT NOT NULL)
        """,
        // key: UTF-8, so that keys sort by their bytes. etag: MD5 in hex. headers: what is given back with the content, as JSON.
        // staged: the file that holds the content until it has its own name, then null.
        """
        CREATE TABLE s3_object (bucket TEXT NOT NULL, key BLOB NOT NULL, position BIGINT NOT NULL, bytes BIGINT NOT NULL, \
        etag TEXT NOT NULL, modified_at BIGINT NOT NULL, headers TEXT NOT NULL, staged TEXT, PRIMARY KEY (bucket, key))
        """,
        "CREATE INDEX s3_object_position ON s3_object (bucket, position)",
        "CREATE INDEX s3_object_staged ON s3_object (staged) WHERE staged IS NOT NULL",
        // Objects that were deleted and whose files are still there.
        "CREATE TABLE s3_removal (bucket TEXT NOT NULL, key BLOB NOT NULL, PRIMARY KEY (bucket, key))",
    ]
}
