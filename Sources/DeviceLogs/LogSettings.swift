import Broker
import JSON

/// What of the devices' doings is written to logs (SetV2LoggingOptions, SetV2LoggingLevel).
///
/// The level of an entry's own client decides: by its client id, else its principal, else its address, else the most verbose of its thing
/// groups. Without any of them the level of the entry's event decides, and without that the default.
struct LogSettings: Sendable, Hashable {
    /// One event's own level and log group (AWS IoT API, LogEventConfiguration).
    struct EventSetting: Sendable, Hashable {
        var level: LogLevel?
        var destination: String?
    }

    /// AWS assumes it to write; Roost keeps it for those who read it back.
    var roleARN: String
    var defaultLevel: LogLevel
    var isDisabled: Bool
    /// By the name of the event.
    var events: [String: EventSetting] = [:]
    /// Never of ``LogTarget/Kind/standard``.
    var levels: [LogTarget: LogLevel] = [:]

    /// The log group of AWS.
    static let standardDestination = "AWSIotLogsV2"

    var namesGroups: Bool { self.levels.keys.contains { $0.kind == .thingGroup } }

    func destination(of event: Activity.Event) -> String {
        self.events[event.rawValue]?.destination ?? Self.standardDestination
    }

    /// - Parameter groups: the thing groups of the client.
    func writes(_ event: Activity.Event, _ level: Activity.Level, _ client: Activity.Client, groups: [String]) -> Bool {
        if self.isDisabled { return false }
        let own = self.level(of: client) ?? groups.compactMap { self.levels[LogTarget(kind: .thingGroup, name: $0)] }.min()
        return (own ?? self.level(of: event)).writes(level)
    }

    /// Whether such an entry could be written, whatever the groups of the client are.
    func mayWrite(_ event: Activity.Event, _ level: Activity.Level, _ client: Activity.Client) -> Bool {
        if self.isDisabled { return false }
        if let own = self.level(of: client) { return own.writes(level) }
        if self.level(of: event).writes(level) { return true }
        return self.levels.contains { $0.key.kind == .thingGroup && $0.value.writes(level) }
    }

    private func level(of client: Activity.Client) -> LogLevel? {
        if self.levels.isEmpty { return nil }
        return self.level(.clientID, client.clientID) ?? self.level(.principalID, client.principal) ?? self.level(.sourceIP, client.address)
    }

    private func level(_ kind: LogTarget.Kind, _ name: String?) -> LogLevel? {
        name.flatMap { self.levels[LogTarget(kind: kind, name: $0)] }
    }

    private func level(of event: Activity.Event) -> LogLevel {
        self.events[event.rawValue]?.level ?? self.defaultLevel
    }
}
