import JSON
import Storage

/// The settings as they are kept: the options in one row, and a row for each level.
struct LogSettingsTable {
    static let tables = [
        "CREATE TABLE devicelogs_options (id BIGINT PRIMARY KEY, body TEXT NOT NULL)",
        "CREATE TABLE devicelogs_levels (kind TEXT NOT NULL, name TEXT NOT NULL, level TEXT NOT NULL, PRIMARY KEY (kind, name))",
    ]
    private static let row: Int64 = 1

    let connection: any StoreConnection

    /// Nil before the first SetV2LoggingOptions.
    func load() throws -> LogSettings? {
        guard let row = try self.connection.queryOne("SELECT body FROM devicelogs_options WHERE id = ?", [.integer(Self.row)]) else {
            return nil
        }
        guard let json = try? JSONValue(parsing: Array(try row.text(0).utf8)), let role = json["role"]?.stringValue,
            let level = json["level"]?.stringValue.flatMap(LogLevel.init), let isDisabled = json["disabled"]?.boolValue,
            let events = json["events"]?.objectValue
        else { throw Self.damaged }
        var settings = LogSettings(roleARN: role, defaultLevel: level, isDisabled: isDisabled)
        for (name, value) in events {
            settings.events[name] = LogSettings.EventSetting(
                level: value["level"]?.stringValue.flatMap(LogLevel.init), destination: value["destination"]?.stringValue)
        }
        for row in try self.connection.query("SELECT kind, name, level FROM devicelogs_levels") {
            guard let kind = LogTarget.Kind(rawValue: try row.text(0)), let level = LogLevel(rawValue: try row.text(2)) else {
                throw Self.damaged
            }
            settings.levels[LogTarget(kind: kind, name: try row.text(1))] = level
        }
        return settings
    }

    private static var damaged: StoreError { .corrupt(path: nil, what: "the logging options are not what was written") }

    /// Keeps all but the levels.
    func save(_ settings: LogSettings) throws {
        let events = settings.events.map { name, setting in
            var object: JSONObject = [:]
            object["level"] = setting.level.map { .string($0.rawValue) }
            object["destination"] = setting.destination.map { .string($0) }
            return (name, JSONValue.object(object))
        }
        let body: JSONObject = [
            "role": .string(settings.roleARN), "level": .string(settings.defaultLevel.rawValue), "disabled": .bool(settings.isDisabled),
            "events": .object(JSONObject(events)),
        ]
        try self.connection.execute(
            "INSERT INTO devicelogs_options (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            [.integer(Self.row), .text(JSONValue.object(body).serialized())])
    }

    func set(_ level: LogLevel, for target: LogTarget) throws {
        try self.connection.execute(
            """
            INSERT INTO devicelogs_levels (kind, name, level) VALUES (?, ?, ?)
                ON CONFLICT (kind, name) DO UPDATE SET level = excluded.level
            """, [.text(target.kind.rawValue), .text(target.name), .text(level.rawValue)])
    }

    func remove(_ target: LogTarget) throws {
        try self.connection.execute(
            "DELETE FROM devicelogs_levels WHERE kind = ? AND name = ?", [.text(target.kind.rawValue), .text(target.name)])
    }
}
