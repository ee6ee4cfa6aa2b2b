import JSON
import Storage

/// A shadow as its row has it.
struct StoredShadow: Sendable {
    /// JSON texts.
    var state: [UInt8]
    var metadata: [UInt8]
    /// Nil when nothing differs.
    var delta: [UInt8]?
    var version: Int64
    var timestamp: Int64
    /// When it was deleted, seconds since 1970; nil for one that exists.
    var deletedAt: Int64?
    /// The row's, when it was read from one: saving it finds the row without the index.
    var id: Int64?

    /// - Throws: `JSONParseError` when the row is damaged.
    func document() throws -> ShadowDocument {
        ShadowDocument(
            state: try JSONValue(parsing: self.state, limits: ShadowShape.parsing),
            metadata: try JSONValue(parsing: self.metadata, limits: ShadowShape.stored), version: self.version,
            timestamp: self.timestamp)
    }
}

/// The queries on `shadows`, inside one transaction.
struct ShadowTable {
    let connection: any StoreConnection

    private static let select =
        "SELECT version, timestamp, state, metadata, delta, deleted_at, id FROM shadows WHERE thing = ? AND name = ?"

    /// The row, of a deleted shadow too.
    func find(_ key: ShadowKey) throws -> StoredShadow? {
        guard let row = try self.connection.queryOne(Self.select, [.text(key.thing), .text(key.nameColumn)]) else { return nil }
        return StoredShadow(
            state: try row.blob(2), metadata: try row.blob(3), delta: row.isNull(4) ? nil : try row.blob(4),
            version: try row.integer(0), timestamp: try row.integer(1), deletedAt: row.isNull(5) ? nil : try row.integer(5),
            id: try row.integer(6))
    }

    func save(_ shadow: StoredShadow, _ key: ShadowKey) throws {
        let values: [StoreValue] = [
            .integer(shadow.version), .integer(shadow.timestamp), .blob(shadow.state), .blob(shadow.metadata), StoreValue(shadow.delta),
            StoreValue(shadow.deletedAt),
        ]
        if let id = shadow.id {
            try self.connection.execute(
                "UPDATE shadows SET version = ?, timestamp = ?, state = ?, metadata = ?, delta = ?, deleted_at = ? WHERE id = ?",
                values + [.integer(id)])
        } else {
            try self.connection.execute(
                "INSERT INTO shadows (version, timestamp, state, metadata, delta, deleted_at, thing, name) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                values + [.text(key.thing), .text(key.nameColumn)])
        }
    }

    /// Names of a thing's named shadows, in order.
    func names(of thing: String, after name: String?, limit: Int) throws -> [String] {
        let rows = try self.connection.query(
            "SELECT name FROM shadows WHERE thing = ? AND name > ? AND deleted_at IS NULL ORDER BY name LIMIT ?",
            [.text(thing), .text(name ?? ""), StoreValue(limit)])
        return try rows.map { try $0.text(0) }
    }

    /// Forgets shadows that were deleted before `time`, with their history. Returns how many, at most `limit`.
    func purge(deletedBefore time: Int64, limit: Int) throws -> Int {
        let rows = try self.connection.query(
            "SELECT thing, name FROM shadows WHERE deleted_at < ? LIMIT ?", [.integer(time), StoreValue(limit)])
        for row in rows { try self.remove(thing: row[0], name: row[1]) }
        return rows.count
    }

    func remove(_ key: ShadowKey) throws {
        try self.remove(thing: .text(key.thing), name: .text(key.nameColumn))
    }

    private func remove(thing: StoreValue, name: StoreValue) throws {
        try self.connection.execute("DELETE FROM shadows WHERE thing = ? AND name = ?", [thing, name])
        try self.connection.execute("DELETE FROM shadow_history WHERE thing = ? AND name = ?", [thing, name])
    }
}
