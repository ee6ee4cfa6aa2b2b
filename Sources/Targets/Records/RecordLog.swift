import JSON
import Storage

/// Records of the services that only take them in, inside one transaction: a bounded log for each target.
struct RecordLog {
    /// One target of the log.
    struct Entry: Sendable {
        let name: String
        let kind: String
        /// What the service knows of it.
        let attributes: JSONObject
        /// Milliseconds since 1970.
        let createdAt: Int64
        let records: Int
        let bytes: Int
        let last: Int64
    }

    let connection: any StoreConnection
    let service: String
    let limits: TargetLimits

    // MARK: Targets

    func entry(_ name: String) throws -> Entry? {
        try self.connection.queryOne(Self.select + " WHERE service = ? AND name = ?", [.text(self.service), .text(name)]).map(Self.entry)
    }

    /// In the order of their names.
    func entries() throws -> [Entry] {
        try self.connection.query(
            Self.select + " WHERE service = ? ORDER BY name LIMIT ?", [.text(self.service), .integer(Int64(self.limits.maxTargets))]
        ).map(Self.entry)
    }

    /// Makes a target.
    ///
    /// - Returns: false when there are as many as there may be.
    func create(_ name: String, kind: String, attributes: JSONObject = [:], at time: Int64) throws -> Bool {
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM target_log WHERE service = ?", [.text(self.service)])?.integer(0)
        guard Int(count ?? 0) < self.limits.maxTargets else { return false }
        try self.connection.execute(
            "INSERT INTO target_log (service, name, kind, attributes, created_at, records, bytes, last) VALUES (?, ?, ?, ?, ?, 0, 0, 0)",
            [.text(self.service), .text(name), .text(kind), .text(JSONValue.object(attributes).serialized()), .integer(time)])
        return true
    }

    /// - Returns: false when there was none.
    func delete(_ name: String) throws -> Bool {
        let key: [StoreValue] = [.text(self.service), .text(name)]
        try self.connection.execute("DELETE FROM target_record WHERE service = ? AND name = ?", key)
        return try self.connection.execute("DELETE FROM target_log WHERE service = ? AND name = ?", key) > 0
    }

    func setAttributes(_ attributes: JSONObject, of name: String) throws {
        try self.connection.execute(
            "UPDATE target_log SET attributes = ? WHERE service = ? AND name = ?",
            [.text(JSONValue.object(attributes).serialized()), .text(self.service), .text(name)])
    }

    // MARK: Records

    /// Appends records to a target that is there, and drops the oldest past the limits.
    ///
    /// - Returns: the position of the first; nil when there is no such target.
    @discardableResult
    func append(_ records: [TargetRecord], to name: String) throws -> Int64? {
        guard let entry = try self.entry(name) else { return nil }
        let insert = try self.connection.prepare(
            "INSERT INTO target_record (service, name, position, key, at, attributes, body) VALUES (?, ?, ?, ?, ?, ?, ?)")
        var position = entry.last
        var bytes = entry.bytes
        for record in records {
            position += 1
            bytes += record.body.count
            try insert.run([
                .text(self.service), .text(name), .integer(position), .text(record.key), .integer(record.time),
                .text(JSONValue.object(record.attributes).serialized()), .blob(record.body),
            ])
        }
        try self.connection.execute(
            "UPDATE target_log SET records = ?, bytes = ?, last = ? WHERE service = ? AND name = ?",
            [
                .integer(Int64(entry.records + records.count)), .integer(Int64(bytes)), .integer(position), .text(self.service),
                .text(name),
            ])
        try self.trim(name, records: entry.records + records.count, bytes: bytes)
        return entry.last + 1
    }

    /// Drops the oldest records while there are too many or too large ones; the newest stays.
    private func trim(_ name: String, records: Int, bytes: Int) throws {
        guard records > self.limits.maxRecords || bytes > self.limits.maxRecordBytes else { return }
        var (left, leftBytes, last) = (records, bytes, Int64(0))
        let key: [StoreValue] = [.text(self.service), .text(name)]
        let oldest = "SELECT position, LENGTH(body) FROM target_record WHERE service = ? AND name = ? ORDER BY position"
        do {
            try self.connection.forEach(oldest, key) { row in
                guard left > 1, left > self.limits.maxRecords || leftBytes > self.limits.maxRecordBytes else { throw EndOfWalk() }
                last = try row.integer(0)
                left -= 1
                leftBytes -= Int(try row.integer(1))
            }
        } catch is EndOfWalk {
            // Enough are found.
        }
        try self.connection.execute(
            "DELETE FROM target_record WHERE service = ? AND name = ? AND position <= ?", key + [.integer(last)])
        try self.connection.execute(
            "UPDATE target_log SET records = ?, bytes = ? WHERE service = ? AND name = ?",
            [.integer(Int64(left)), .integer(Int64(leftBytes))] + key)
    }

    /// The newest records after a position, the oldest first; nil when there is no such target.
    func newest(of name: String, after position: Int64?, limit: Int) throws -> [TargetRecord]? {
        guard try self.entry(name) != nil else { return nil }
        return try self.connection.query(
            Self.selectRecord + " WHERE service = ? AND name = ? AND position > ? ORDER BY position DESC LIMIT ?",
            [.text(self.service), .text(name), .integer(position ?? 0), .integer(Int64(limit))]
        ).map(Self.record).reversed()
    }

    /// The records after a position in their order.
    func page(of name: String, after position: Int64, limit: Int) throws -> [TargetRecord] {
        try self.connection.query(
            Self.selectRecord + " WHERE service = ? AND name = ? AND position > ? ORDER BY position LIMIT ?",
            [.text(self.service), .text(name), .integer(position), .integer(Int64(limit))]
        ).map(Self.record)
    }

    /// The records before a position, the newest first.
    func before(_ position: Int64, of name: String, limit: Int) throws -> [TargetRecord] {
        try self.connection.query(
            Self.selectRecord + " WHERE service = ? AND name = ? AND position < ? ORDER BY position DESC LIMIT ?",
            [.text(self.service), .text(name), .integer(position), .integer(Int64(limit))]
        ).map(Self.record)
    }

    /// The newest record with a key.
    func find(_ key: String, in name: String) throws -> TargetRecord? {
        try self.connection.queryOne(
            Self.selectRecord + " WHERE service = ? AND name = ? AND key = ? ORDER BY position DESC LIMIT 1",
            [.text(self.service), .text(name), .text(key)]
        ).map(Self.record)
    }

    // MARK: Rows

    private struct EndOfWalk: Error {}

    private static let select = "SELECT name, kind, attributes, created_at, records, bytes, last FROM target_log"
    private static let selectRecord = "SELECT position, key, at, attributes, body FROM target_record"

    private static func entry(_ row: StoreRow) throws -> Entry {
        Entry(
            name: try row.text(0), kind: try row.text(1), attributes: try Self.object(try row.text(2)), createdAt: try row.integer(3),
            records: Int(try row.integer(4)), bytes: Int(try row.integer(5)), last: try row.integer(6))
    }

    private static func record(_ row: StoreRow) throws -> TargetRecord {
        TargetRecord(
            position: try row.integer(0), key: try row.text(1), time: try row.integer(2), attributes: try Self.object(try row.text(3)),
            body: try row.blob(4))
    }

    private static func object(_ text: String) throws -> JSONObject {
        guard case .object(let object) = try JSONValue(parsing: text) else {
            throw StoreError.corrupt(path: "target_log", what: "attributes are no JSON object")
        }
        return object
    }
}
