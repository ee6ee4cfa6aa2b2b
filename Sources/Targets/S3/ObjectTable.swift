import JSON
import Storage

/// A bucket as it is kept.
struct S3Bucket: Sendable, Hashable {
    var name: String
    /// Milliseconds since 1970.
    var createdAt: Int64
    var objects = 0
    var bytes = 0
    /// The newest object's position.
    var last: Int64 = 0
}

/// What is known of an object beside its content.
struct S3Object: Sendable, Hashable {
    var key: String
    var position: Int64 = 0
    var bytes: Int
    /// MD5 in hex, without quotes.
    var etag: String
    /// Milliseconds since 1970.
    var modifiedAt: Int64
    /// Given back with the content: lower-case names and values.
    var headers: JSONObject
    var staged: String?
}

/// The rows of the embedded S3, inside one transaction.
struct ObjectTable {
    let connection: any StoreConnection

    // MARK: Buckets

    func bucket(_ name: String) throws -> S3Bucket? {
        try self.connection.queryOne(Self.selectBucket + " WHERE name = ?", [.text(name)]).map(Self.bucket)
    }

    func buckets(limit: Int) throws -> [S3Bucket] {
        try self.connection.query(Self.selectBucket + " ORDER BY name LIMIT ?", [StoreValue(limit)]).map(Self.bucket)
    }

    /// - Returns: false when there are `limit` buckets.
    func create(_ bucket: S3Bucket, limit: Int) throws -> Bool {
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM s3_bucket")?.integer(0) ?? 0
        guard Int(count) < limit else { return false }
        try self.connection.execute(
            "INSERT INTO s3_bucket (name, created_at, objects, bytes, last) VALUES (?, ?, 0, 0, 0)",
            [.text(bucket.name), .integer(bucket.createdAt)])
        return true
    }

    func deleteBucket(_ name: String) throws {
        try self.connection.execute("DELETE FROM s3_bucket WHERE name = ?", [.text(name)])
    }

    // MARK: Objects

    func object(_ key: String, in bucket: String) throws -> S3Object? {
        try self.connection.queryOne(Self.selectObject + " WHERE bucket = ? AND key = ?", Self.id(bucket, key)).map(Self.object)
    }

    /// Keeps an object, in the place of one with its key.
    func put(_ object: S3Object, in bucket: S3Bucket, replacing old: S3Object?) throws {
        let values: [StoreValue] = [
            .integer(bucket.last + 1), StoreValue(object.bytes), .text(object.etag), .integer(object.modifiedAt),
            .text(JSONValue.object(object.headers).serialized()), StoreValue(object.staged),
        ]
        if old == nil {
            try self.connection.execute(
                "INSERT INTO s3_object (position, bytes, etag, modified_at, headers, staged, bucket, key) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values + Self.id(bucket.name, object.key))
        } else {
            try self.connection.execute(
                "UPDATE s3_object SET position = ?, bytes = ?, etag = ?, modified_at = ?, headers = ?, staged = ? "
                    + "WHERE bucket = ? AND key = ?", values + Self.id(bucket.name, object.key))
        }
        try self.count(bucket.name, objects: old == nil ? 1 : 0, bytes: object.bytes - (old?.bytes ?? 0), last: bucket.last + 1)
    }

    /// - Returns: false when there was none.
    func delete(_ key: String, in bucket: S3Bucket) throws -> Bool {
        guard let old = try self.object(key, in: bucket.name) else { return false }
        let id = Self.id(bucket.name, key)
        try self.connection.execute("DELETE FROM s3_object WHERE bucket = ? AND key = ?", id)
        try self.connection.execute("DELETE FROM s3_removal WHERE bucket = ? AND key = ?", id)
        try self.connection.execute("INSERT INTO s3_removal (bucket, key) VALUES (?, ?)", id)
        try self.count(bucket.name, objects: -1, bytes: -old.bytes, last: bucket.last)
        return true
    }

    private func count(_ bucket: String, objects: Int, bytes: Int, last: Int64) throws {
        try self.connection.execute(
            "UPDATE s3_bucket SET objects = objects + ?, bytes = bytes + ?, last = ? WHERE name = ?",
            [StoreValue(objects), StoreValue(bytes), .integer(last), .text(bucket)])
    }

    /// Objects in the order of their keys, from a key on and below another.
    func objects(in bucket: String, from start: [UInt8], below end: [UInt8]?, limit: Int) throws -> [S3Object] {
        guard let end else {
            return try self.connection.query(
                Self.selectObject + " WHERE bucket = ? AND key >= ? ORDER BY key LIMIT ?", [.text(bucket), .blob(start), StoreValue(limit)]
            ).map(Self.object)
        }
        return try self.connection.query(
            Self.selectObject + " WHERE bucket = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?",
            [.text(bucket), .blob(start), .blob(end), StoreValue(limit)]
        ).map(Self.object)
    }

    /// The newest objects behind a position, the newest first.
    func newest(in bucket: String, after position: Int64, limit: Int) throws -> [S3Object] {
        try self.connection.query(
            Self.selectObject + " WHERE bucket = ? AND position > ? ORDER BY position DESC LIMIT ?",
            [.text(bucket), .integer(position), StoreValue(limit)]
        ).map(Self.object)
    }

    // MARK: Files

    /// The key of the object whose content a staged file holds.
    func place(ofStaged name: String) throws -> (bucket: String, key: String)? {
        try self.connection.queryOne("SELECT bucket, key FROM s3_object WHERE staged = ?", [.text(name)]).map {
            (try $0.text(0), String(decoding: try $0.blob(1), as: UTF8.self))
        }
    }

    func staged(limit: Int) throws -> [String] {
        try self.connection.query(
            "SELECT staged FROM s3_object WHERE staged IS NOT NULL ORDER BY staged LIMIT ?", [StoreValue(limit)]
        ).map { try $0.text(0) }
    }

    func published(_ name: String) throws {
        try self.connection.execute("UPDATE s3_object SET staged = NULL WHERE staged = ?", [.text(name)])
    }

    func removals(limit: Int) throws -> [(bucket: String, key: String)] {
        try self.connection.query("SELECT bucket, key FROM s3_removal LIMIT ?", [StoreValue(limit)]).map {
            (try $0.text(0), String(decoding: try $0.blob(1), as: UTF8.self))
        }
    }

    func removed(_ key: String, in bucket: String) throws {
        try self.connection.execute("DELETE FROM s3_removal WHERE bucket = ? AND key = ?", Self.id(bucket, key))
    }

    // MARK: Rows

    private static let selectBucket = "SELECT name, created_at, objects, bytes, last FROM s3_bucket"
    private static let selectObject = "SELECT key, position, bytes, etag, modified_at, headers, staged FROM s3_object"

    private static func id(_ bucket: String, _ key: String) -> [StoreValue] { [.text(bucket), .blob(Array(key.utf8))] }

    private static func bucket(_ row: StoreRow) throws -> S3Bucket {
        S3Bucket(
            name: try row.text(0), createdAt: try row.integer(1), objects: Int(try row.integer(2)), bytes: Int(try row.integer(3)),
            last: try row.integer(4))
    }

    private static func object(_ row: StoreRow) throws -> S3Object {
        guard case .object(let headers) = try JSONValue(parsing: try row.text(5)) else {
            throw StoreError.corrupt(path: "s3_object", what: "headers are no JSON object")
        }
        return S3Object(
            key: String(decoding: try row.blob(0), as: UTF8.self), position: try row.integer(1), bytes: Int(try row.integer(2)),
            etag: try row.text(3), modifiedAt: try row.integer(4), headers: headers, staged: try row.optionalText(6))
    }
}
