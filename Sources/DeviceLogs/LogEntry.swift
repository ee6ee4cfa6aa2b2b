import Broker
import Foundation
import JSON

/// One line of a log (AWS IoT Core Developer Guide, CloudWatch Logs log entries).
enum LogEntry {
    static func text(of activity: Activity, account: String, traceID: String) -> String {
        let level = LogLevel(activity.level)
        var entry: JSONObject = [
            "timestamp": .string(Self.time(activity.milliseconds)), "logLevel": .string(level.rawValue), "traceId": .string(traceID),
            "accountId": .string(account), "status": activity.level >= .warn ? "Failure" : "Success",
            "eventType": .string(activity.event.rawValue),
        ]
        if let name = activity.transport { entry["protocol"] = .string(name) }
        let client = activity.client
        if let id = client.clientID { entry["clientId"] = .string(Self.bounded(id)) }
        if let principal = client.principal { entry["principalId"] = .string(principal) }
        if let address = client.address { entry["sourceIp"] = .string(address) }
        if let port = client.port { entry["sourcePort"] = .int(Int64(port)) }
        for (name, value) in activity.fields {
            if case .string(let text) = value { entry[name] = .string(Self.bounded(text)) } else { entry[name] = value }
        }
        return JSONValue.object(entry).serialized()
    }

    private static func bounded(_ text: String) -> String {
        text.utf8.count <= DeviceLogLimits.textCharacters ? text : String(text.prefix(DeviceLogLimits.textCharacters))
    }

    /// `2017-08-10 15:37:23.476`, UTC.
    static func time(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
        return date.formatted(
            Date.ISO8601FormatStyle(dateTimeSeparator: .space, includingFractionalSeconds: true).year().month().day().time(
                includingFractionalSeconds: true))
    }

    /// `2026-01-31`, UTC: the stream that an entry goes to.
    static func day(_ milliseconds: Int64) -> String {
        Date(timeIntervalSince1970: Double(milliseconds) / 1000).formatted(.iso8601.year().month().day())
    }
}
