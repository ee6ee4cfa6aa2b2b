import JSON
import Storage

/// One stream of a log group. Times are milliseconds since 1970.
struct StoredLogStream: Sendable {
    var name: String
    var createdAt: Int64
    /// Of events; nil while there are none.
    var firstAt: Int64?
    var lastAt: Int64?
    var ingestedAt: Int64?
}

/// One event as it is read.
struct StoredLogEvent: Sendable {
    var position: Int64
    var stream: String
    var time: Int64
    var ingestedAt: Int64
    var message: String
}

/// Streams of the embedded CloudWatch Logs, and their events in the order of their times, inside one transaction.
struct LogStreamTable {
    static let migration = Migration(
        room: "Targets", version: 31,
        statements: [
            """
            CREATE TABLE target_log_stream (log_group TEXT NOT NULL, name TEXT NOT NULL, created_at BIGINT NOT NULL, first_at BIGINT, \
            last_at BIGINT, ingested_at BIGINT, PRIMARY KEY (log_group, name))
            """,
            "CREATE INDEX target_record_time ON target_record (service, name, at, position)",
        ])

    let connection: any StoreConnection
    let limits: TargetLimits

    // MARK: Streams

    func find(_ name: String, in group: String) throws -> StoredLogStream? {
        try self.connection.queryOne(Self.select + " WHERE log_group = ? AND name = ?", [.text(group), .text(name)]).map(Self.stream)
    }

    /// - Throws: LimitExceededException when the group has as many as it may.
    func create(_ name: String, in group: String, at time: Int64) throws {
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM target_log_stream WHERE log_group = ?", [.text(group)])?.integer(0)
        guard count ?? 0 < self.limits.maxTargets else { throw LogsService.full("log streams in this group") }
        try self.connection.execute(
            "INSERT INTO target_log_stream (log_group, name, created_at) VALUES (?, ?, ?)", [.text(group), .text(name), .integer(time)])
    }

    func wrote(_ name: String, in group: String, first: Int64, last: Int64, at time: Int64) throws {
        let old = try self.find(name, in: group)
        try self.connection.execute(
            "UPDATE target_log_stream SET first_at = ?, last_at = ?, ingested_at = ? WHERE log_group = ? AND name = ?",
            [
                .integer(min(old?.firstAt ?? first, first)), .integer(max(old?.lastAt ?? last, last)), .integer(time), .text(group),
                .text(name),
            ])
    }

    func deleteAll(in group: String) throws {
        try self.connection.execute("DELETE FROM target_log_stream WHERE log_group = ?", [.text(group)])
    }

    /// At most as many as there may be.
    func all(in group: String) throws -> [StoredLogStream] {
        try self.connection.query(
            Self.select + " WHERE log_group = ? ORDER BY name LIMIT ?", [.text(group), .integer(Int64(self.limits.maxTargets))]
        ).map(Self.stream)
    }

    private static let select = "SELECT name, created_at, first_at, last_at, ingested_at FROM target_log_stream"

    private static func stream(_ row: StoreRow) throws -> StoredLogStream {
        StoredLogStream(
            name: try row.text(0), createdAt: try row.integer(1), firstAt: try row.optionalInteger(2), lastAt: try row.optionalInteger(3),
            ingestedAt: try row.optionalInteger(4))
    }

    // MARK: Events

    /// Walks through a group's events from one time (included) to another (not included).
    ///
    /// - Parameters:
    ///   - stream: of which; nil for all.
    ///   - after: the event to go on behind, by time and position; nil for all.
    ///   - isDescending: the newest first; then `after` is the event to go on before.
    ///   - body: returns false to stop.
    func forEachEvent(
        in group: String, stream: String? = nil, from: Int64, to: Int64, after: (time: Int64, position: Int64)?, isDescending: Bool = false,
        _ body: (StoredLogEvent) throws -> Bool
    ) throws {
        let order = isDescending ? "DESC" : "ASC"
        let compare = isDescending ? "<" : ">"
        // One index has the times of a group, another those of a stream.
        let place = stream == nil ? "" : "AND key = ? "
        let start = after ?? (isDescending ? (Int64.max, Int64.max) : (Int64.min, Int64.min))
        do {
            try self.connection.forEach(
                """
                SELECT position, key, at, attributes, body FROM target_record WHERE service = 'logs' AND name = ? \
                \(place)AND at >= ? AND at < ? AND (at \(compare) ? OR (at = ? AND position \(compare) ?)) ORDER BY at \(order), position \(order)
                """,
                [.text(group)] + (stream.map { [.text($0)] } ?? []) + [
                    .integer(from), .integer(to), .integer(start.time), .integer(start.time), .integer(start.position),
                ]
            ) { row in
                let ingestedAt = (try? JSONValue(parsing: try row.text(3)))?["ingestionTime"]?.intValue ?? 0
                let event = StoredLogEvent(
                    position: try row.integer(0), stream: try row.text(1), time: try row.integer(2), ingestedAt: ingestedAt,
                    message: String(decoding: try row.blob(4), as: UTF8.self))
                guard try body(event) else { throw EndOfEvents() }
            }
        } catch is EndOfEvents {
            // Enough are found.
        }
    }

    private struct EndOfEvents: Error {}
}
