import AWSAPI
import Broker
import JSON
import Storage

/// Turns logging on and off, and says how much of each event is written. What is not given stays as it is.
struct SetV2LoggingOptions: AWSOperation {
    static let route = OperationRoute(.iot, "SetV2LoggingOptions", "POST", "/v2LoggingOptions")

    let logs: DeviceLogService

    struct Input: OperationDecodable {
        let roleARN: String?
        let defaultLevel: LogLevel?
        let isDisabled: Bool?
        let events: [String: LogSettings.EventSetting]?

        init(_ input: OperationInput) throws {
            self.roleARN = try input.optionalString("roleArn", min: 1, max: 2_048)
            self.defaultLevel = try input.optionalLevel("defaultLogLevel")
            self.isDisabled = try input.optionalBool("disableAllLogs")
            self.events = try input.optionalArray("eventConfigurations", maxCount: DeviceLogLimits.eventConfigurations).map(Self.events)
        }

        private static func events(_ list: [JSONValue]) throws -> [String: LogSettings.EventSetting] {
            var events: [String: LogSettings.EventSetting] = [:]
            for (index, value) in list.enumerated() {
                guard let object = value.objectValue else {
                    throw AWSError.invalidRequest("The value of 'eventConfigurations.\(index + 1).member' must be an object")
                }
                let member = OperationInput.nested(object)
                let name = try member.word("eventType", of: LogEvents.names)
                let setting = LogSettings.EventSetting(
                    level: try member.optionalLevel("logLevel"),
                    destination: try member.optionalString("logDestination", min: 1, max: 512, pattern: LogEvents.destination))
                guard events.updateValue(setting, forKey: name) == nil else {
                    throw AWSError.invalidRequest("The event type \(name) is configured twice")
                }
            }
            return events
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.logs.change { table in
            let before = try table.load()
            guard let role = input.roleARN ?? before?.roleARN ?? (input.isDisabled == true ? "" : nil) else {
                throw AWSError.invalidRequest("The roleArn is required to turn logging on")
            }
            var settings =
                before ?? LogSettings(roleARN: role, defaultLevel: LogEvents.levelAtFirst, isDisabled: false)
            settings.roleARN = role
            settings.defaultLevel = input.defaultLevel ?? settings.defaultLevel
            settings.isDisabled = input.isDisabled ?? settings.isDisabled
            settings.events = input.events ?? settings.events
            try table.save(settings)
        }
        return EmptyOutput()
    }
}

struct GetV2LoggingOptions: AWSOperation {
    static let route = OperationRoute(.iot, "GetV2LoggingOptions", "GET", "/v2LoggingOptions")

    let logs: DeviceLogService

    struct Input: OperationDecodable {
        /// Whether events without a setting of their own are shown as well.
        let isVerbose: Bool

        init(_ input: OperationInput) throws {
            self.isVerbose = try input.bool("verbose", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let settings = try await self.logs.settings()
        var output: JSONObject = [
            "defaultLogLevel": .string(settings.defaultLevel.rawValue), "disableAllLogs": .bool(settings.isDisabled),
        ]
        if !settings.roleARN.isEmpty { output["roleArn"] = .string(settings.roleARN) }
        let names = input.isVerbose ? LogEvents.names : LogEvents.names.filter { settings.events[$0] != nil }
        if !names.isEmpty { output["eventConfigurations"] = .array(names.map { Self.json($0, settings, input.isVerbose) }) }
        return output
    }

    private static func json(_ name: String, _ settings: LogSettings, _ isVerbose: Bool) -> JSONValue {
        let setting = settings.events[name]
        var object: JSONObject = ["eventType": .string(name)]
        let level = setting?.level ?? (isVerbose ? settings.defaultLevel : nil)
        object["logLevel"] = level.map { .string($0.rawValue) }
        let destination = setting?.destination ?? (isVerbose ? LogSettings.standardDestination : nil)
        object["logDestination"] = destination.map { .string($0) }
        return .object(object)
    }
}
