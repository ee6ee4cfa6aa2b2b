import JSON
import Storage

/// One change in a shadow's history.
struct ShadowHistoryEntry: Sendable {
    let version: Int64
    let isDeletion: Bool
    /// Seconds since 1970.
    let timestamp: Int64
    /// Who asked for the change: `mqtt:CLIENT` or `http:KEY`.
    let source: String
    /// What the shadow was afterwards: `{"desired": …, "reported": …}` as JSON text.
    let state: [UInt8]
}

/// The queries on `shadow_history`, inside one transaction.
struct ShadowHistoryTable {
    let connection: any StoreConnection

    /// Adds a change and forgets those that are more than `length` before it.
    func add(_ entry: ShadowHistoryEntry, _ key: ShadowKey, length: Int) throws {
        try self.connection.execute(
            """
            INSERT INTO shadow_history (thing, name, version, is_deletion, timestamp, source, state) VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (thing, name, version, is_deletion) DO UPDATE SET timestamp = excluded.timestamp, source = excluded.source,
                state = excluded.state
            """,
            [
                .text(key.thing), .text(key.nameColumn), .integer(entry.version), StoreValue(entry.isDeletion),
                .integer(entry.timestamp), .text(entry.source), .blob(entry.state),
            ])
        try self.connection.execute(
            "DELETE FROM shadow_history WHERE thing = ? AND name = ? AND version <= ?",
            [.text(key.thing), .text(key.nameColumn), .integer(entry.version - Int64(length))])
    }

    /// The newest first. `position` is the entry after which the page begins.
    func page(_ key: ShadowKey, after position: ShadowHistoryPosition?, limit: Int) throws -> [ShadowHistoryEntry] {
        let position = position ?? ShadowHistoryPosition(version: .max, isDeletion: true)
        let rows = try self.connection.query(
            """
            SELECT version, is_deletion, timestamp, source, state FROM shadow_history WHERE thing = ? AND name = ?
                AND (version < ? OR (version = ? AND is_deletion < ?)) ORDER BY version DESC, is_deletion DESC LIMIT ?
            """,
            [
                .text(key.thing), .text(key.nameColumn), .integer(position.version), .integer(position.version),
                StoreValue(position.isDeletion), StoreValue(limit),
            ])
        return try rows.map {
            ShadowHistoryEntry(
                version: try $0.integer(0), isDeletion: try $0.bool(1), timestamp: try $0.integer(2), source: try $0.text(3),
                state: try $0.blob(4))
        }
    }
}

/// A place in a history, as a page token carries it.
struct ShadowHistoryPosition: Sendable {
    let version: Int64
    let isDeletion: Bool

    init(version: Int64, isDeletion: Bool) {
        self.version = version
        self.isDeletion = isDeletion
    }

    init(_ entry: ShadowHistoryEntry) { self.init(version: entry.version, isDeletion: entry.isDeletion) }

    init?(_ text: String) {
        guard let version = Int64(text.dropLast()), let kind = text.last else { return nil }
        self.init(version: version, isDeletion: kind == "d")
    }

    var text: String { "\(self.version)\(self.isDeletion ? "d" : "u")" }
}
