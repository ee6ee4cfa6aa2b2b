import AWSAPI
import JSON
import Storage

/// The level of a thing group, a client, an address or a principal; of `DEFAULT`, the default level.
struct SetV2LoggingLevel: AWSOperation {
    static let route = OperationRoute(.iot, "SetV2LoggingLevel", "POST", "/v2LoggingLevel")

    let logs: DeviceLogService

    struct Input: OperationDecodable {
        let target: LogTarget
        let level: LogLevel

        init(_ input: OperationInput) throws {
            let target = OperationInput.nested(try input.object("logTarget"))
            let kind = try target.logTargetKind("targetType")
            let name = try target.optionalString("targetName", min: 1, max: DeviceLogLimits.targetNameCharacters)
            if kind != .standard && name == nil {
                throw AWSError.invalidRequest("A targetName is required for the target type \(kind.rawValue)")
            }
            if kind == .standard && name != nil { throw AWSError.invalidRequest("The target type DEFAULT has no targetName") }
            self.target = LogTarget(kind: kind, name: name ?? "")
            self.level = try input.level("logLevel")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.logs.change { table in
            guard var settings = try table.load() else { throw DeviceLogService.notConfigured }
            if input.target.kind == .standard {
                settings.defaultLevel = input.level
                return try table.save(settings)
            }
            guard settings.levels[input.target] != nil || settings.levels.count < DeviceLogLimits.levels else {
                throw AWSError.limitExceeded("There are as many logging levels as there may be: \(DeviceLogLimits.levels)")
            }
            try table.set(input.level, for: input.target)
        }
        return EmptyOutput()
    }
}

/// A target that has no level is no error: there is none afterwards.
struct DeleteV2LoggingLevel: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteV2LoggingLevel", "DELETE", "/v2LoggingLevel")

    let logs: DeviceLogService

    struct Input: OperationDecodable {
        let target: LogTarget

        init(_ input: OperationInput) throws {
            let kind = try input.logTargetKind("targetType", in: .query)
            if kind == .standard { throw AWSError.invalidRequest("The default level cannot be deleted: set it to DISABLED") }
            let name = try input.string("targetName", in: .query, max: DeviceLogLimits.targetNameCharacters)
            self.target = LogTarget(kind: kind, name: name)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.logs.change { try $0.remove(input.target) }
        return EmptyOutput()
    }
}

/// The default first, then by the type and the name of the target.
struct ListV2LoggingLevels: AWSOperation {
    static let route = OperationRoute(.iot, "ListV2LoggingLevels", "GET", "/v2LoggingLevel")
    fileprivate static let maxPage = 250
    fileprivate static let defaultPage = 50

    let logs: DeviceLogService

    struct Input: OperationDecodable {
        let kind: LogTarget.Kind?
        let size: Int
        let token: String?

        init(_ input: OperationInput) throws {
            self.kind = try input.optionalWord("targetType", in: .query, of: LogTarget.Kind.words).flatMap(LogTarget.Kind.init)
            self.size =
                try input.optionalInt("maxResults", in: .query, range: 1...ListV2LoggingLevels.maxPage) ?? ListV2LoggingLevels.defaultPage
            self.token = try input.optionalString("nextToken", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.kind?.rawValue]
        let start = try context.pages.position(in: input.token, query: query)
        let settings = try await self.logs.settings()
        var levels = settings.levels
        levels[LogTarget(kind: .standard, name: "")] = settings.defaultLevel
        let all = levels.filter { input.kind == nil || input.kind == $0.key.kind }
            .map { (position: Self.position($0.key), target: $0.key, level: $0.value) }.sorted { $0.position < $1.position }
        let rest = start.map { start in all.filter { $0.position > start } } ?? all
        let page = rest.prefix(input.size)
        var output: JSONObject = ["logTargetConfigurations": .array(page.map { Self.json($0.target, $0.level) })]
        if rest.count > page.count, let last = page.last {
            output["nextToken"] = .string(context.pages.token(after: last.position, query: query))
        }
        return output
    }

    private static func position(_ target: LogTarget) -> String {
        "\(target.kind == .standard ? 0 : 1) \(target.kind.rawValue) \(target.name)"
    }

    private static func json(_ target: LogTarget, _ level: LogLevel) -> JSONValue {
        var object: JSONObject = ["targetType": .string(target.kind.rawValue)]
        if target.kind != .standard { object["targetName"] = .string(target.name) }
        return ["logTarget": .object(object), "logLevel": .string(level.rawValue)]
    }
}
