import JSON
import Storage

/// Which metrics there are, and their values over time, inside one transaction.
struct MetricTable {
    static let migration = Migration(
        room: "Targets", version: 30,
        statements: [
            // dimensions: as JSON, in the order of their names. last_at: when a value came last, in milliseconds.
            """
            CREATE TABLE target_metric (namespace TEXT NOT NULL, name TEXT NOT NULL, dimensions TEXT NOT NULL, last_at BIGINT NOT NULL, \
            PRIMARY KEY (namespace, name, dimensions))
            """,
            "CREATE INDEX target_record_key_time ON target_record (service, name, key, at)",
        ])

    struct Metric: Sendable {
        let namespace: String
        let name: String
        let dimensions: [MetricDimension]
    }

    let connection: any StoreConnection
    let limits: TargetLimits

    /// - Throws: LimitExceeded when there are as many metrics as there may be.
    func saw(_ name: String, _ dimensions: [MetricDimension], in namespace: String, at time: Int64) throws {
        let key: [StoreValue] = [.text(namespace), .text(name), .text(MetricDimension.described(dimensions).serialized())]
        let changed = try self.connection.execute(
            "UPDATE target_metric SET last_at = ? WHERE namespace = ? AND name = ? AND dimensions = ?", [.integer(time)] + key)
        guard changed == 0 else { return }
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM target_metric")?.integer(0) ?? 0
        guard count < self.limits.maxTargets else { throw CloudWatchService.full("metrics") }
        try self.connection.execute(
            "INSERT INTO target_metric (namespace, name, dimensions, last_at) VALUES (?, ?, ?, ?)", key + [.integer(time)])
    }

    /// In the order of their names; at most as many as there may be.
    ///
    /// - Parameter time: of the least recent ones, in milliseconds since 1970.
    func all(since time: Int64) throws -> [Metric] {
        try self.connection.query(
            "SELECT namespace, name, dimensions FROM target_metric WHERE last_at >= ? ORDER BY namespace, name, dimensions LIMIT ?",
            [.integer(time), .integer(Int64(self.limits.maxTargets))]
        ).map { row in
            let dimensions = try MetricDimension.list(try JSONValue(parsing: try row.text(2)), max: .max)
            return Metric(namespace: try row.text(0), name: try row.text(1), dimensions: dimensions)
        }
    }

    /// What a metric's values come to in each period.
    struct Series: Sendable {
        let metric: Metric
        /// Nil for all units.
        let unit: String?
        /// Milliseconds since 1970; the end is not included.
        let start: Int64
        let end: Int64
        let periodSeconds: Int64
    }

    struct Period: Hashable, Sendable {
        /// Seconds since 1970.
        let start: Int64
        let unit: String
    }

    /// By the periods that have values; values in different units stay apart.
    func statistics(_ series: Series) throws -> [Period: MetricStatistics] {
        let dimensions = MetricDimension.described(series.metric.dimensions)
        var periods: [Period: MetricStatistics] = [:]
        try self.connection.forEach(
            """
            SELECT at, attributes FROM target_record WHERE service = 'monitoring' AND name = ? AND key = ? AND at >= ? AND at < ?
            """,
            [.text(series.metric.namespace), .text(series.metric.name), .integer(series.start), .integer(series.end)]
        ) { row in
            let attributes = try JSONValue(parsing: try row.text(1))
            let unit = attributes["unit"]?.stringValue ?? "None"
            guard attributes["dimensions"] == dimensions, series.unit == nil || unit == series.unit,
                let one = MetricStatistics(attributes["statistics"])
            else { return }
            let seconds = try row.integer(0) / 1000
            let period = Period(start: seconds - seconds % series.periodSeconds, unit: unit)
            periods[period] = periods[period]?.merged(with: one) ?? one
        }
        return periods
    }
}
