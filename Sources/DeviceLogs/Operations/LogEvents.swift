package import AWSAPI

/// What the operations know of events and levels.
enum LogEvents {
    /// Before SetV2LoggingOptions says something else.
    static let levelAtFirst = LogLevel.error
    /// Names of log groups.
    static let destination = InputPattern("^[.\\-_/#A-Za-z0-9]+$", ranges: ["az", "AZ", "09"], others: ".-_/#")

    /// The events that AWS IoT logs (AWS IoT Core Developer Guide, CloudWatch Logs log entries). Those that Roost writes are in docs/device-logs.md.
    static let names = [
        "AddThingToDynamicThingGroupsFailed", "Connect", "DeleteThingShadow", "DescribeJobExecution", "Disconnect", "FunctionExecution",
        "GetDeviceCredentials", "GetPendingJobExecution", "GetRetainedMessage", "GetThingShadow", "ListRetainedMessage", "ProvisionDevice",
        "Publish-In", "Publish-Out", "ReportFinalJobExecutionCount", "RuleExecution", "RuleMatch", "RuleMessageThrottled", "RuleNotFound",
        "StartNextPendingJobExecution", "StartingRuleExecution", "Subscribe", "UpdateJobExecution", "UpdateThingShadow",
    ]
}

extension OperationInput {
    func optionalLevel(_ name: String) throws(AWSError) -> LogLevel? {
        try self.optionalWord(name, of: LogLevel.words).flatMap(LogLevel.init)
    }

    func level(_ name: String) throws(AWSError) -> LogLevel {
        let word = try self.word(name, of: LogLevel.words)
        guard let level = LogLevel(rawValue: word) else { throw .invalidRequest("The value of '\(name)' is no log level") }
        return level
    }

    func logTargetKind(_ name: String, in place: InputPlace = .body) throws(AWSError) -> LogTarget.Kind {
        let word = try self.word(name, in: place, of: LogTarget.Kind.words)
        guard let kind = LogTarget.Kind(rawValue: word) else { throw .invalidRequest("The value of '\(name)' is no target type") }
        return kind
    }
}

extension DeviceLogService {
    /// This room's operations, for the endpoint.
    package var operations: [any AWSOperation] {
        [
            SetV2LoggingOptions(logs: self), GetV2LoggingOptions(logs: self), SetV2LoggingLevel(logs: self),
            DeleteV2LoggingLevel(logs: self), ListV2LoggingLevels(logs: self),
        ]
    }
}
