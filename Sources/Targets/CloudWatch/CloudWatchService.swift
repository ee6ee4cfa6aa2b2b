import AWSAPI
import JSON
import Storage

extension AWSService {
    /// CloudWatch, in the three protocols that its clients of different ages speak.
    static let cloudWatch = AWSService(
        name: "cloudwatch", signingNames: ["monitoring"], wire: .json(targetPrefix: "GraniteServiceVersion20100801", version: "1.0"),
        otherWires: [
            .rpcCBOR(name: "GraniteServiceVersion20100801"), .query(namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/"),
        ],
        timestamps: [
            "Timestamp", "Timestamps", "StateUpdatedTimestamp", "StateTransitionedTimestamp", "AlarmConfigurationUpdatedTimestamp",
        ], takesGzip: true, invalidRequestName: "InvalidParameterValueException",
        invalidRequestCode: "InvalidParameterValue")
}

/// The embedded CloudWatch: values of metrics, and the states that rules gave to alarms. Nothing here evaluates an alarm.
struct CloudWatchService: EmbeddedTarget {
    let service = "monitoring"
    static let namespaceKind = "namespace"
    static let alarmKind = "alarm"
    /// What stands before an alarm's name where contents are shown: `roost target tail monitoring/alarm/NAME`.
    static let alarmPrefix = "alarm/"

    /// A target for each namespace; a record's key is the metric's name, its time the value's.
    let metrics: LogTarget
    /// A target for each alarm; its records are its changes of state.
    let alarms: LogTarget
    let account: AccountContext
    let clock: @Sendable () -> Int64

    init(_ targets: TargetsService) {
        self.metrics = targets.log(of: "monitoring")
        self.alarms = targets.log(of: "monitoring:alarms")
        self.account = targets.account
        self.clock = targets.clock
    }

    var operations: [any AWSOperation] {
        [
            PutMetricData(watch: self), ListMetrics(watch: self), GetMetricStatistics(watch: self), GetMetricData(watch: self),
            SetAlarmState(watch: self), DescribeAlarms(watch: self), DeleteAlarms(watch: self),
        ]
    }

    // MARK: What is shown

    func contents() async throws -> [TargetSummary] {
        let alarms = try await self.alarms.contents().map { alarm in
            var alarm = alarm
            alarm.name = Self.alarmPrefix + alarm.name
            return alarm
        }
        return try await self.metrics.contents() + alarms
    }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        if let records = try await self.metrics.records(of: name, after: position, limit: limit) { return records }
        guard let alarm = Self.alarm(name) else { return nil }
        return try await self.alarms.records(of: alarm, after: position, limit: limit)
    }

    func record(of name: String, key: String) async throws -> TargetRecord? {
        if let record = try await self.metrics.record(of: name, key: key) { return record }
        guard let alarm = Self.alarm(name) else { return nil }
        return try await self.alarms.record(of: alarm, key: key)
    }

    private static func alarm(_ name: String) -> String? {
        name.hasPrefix(Self.alarmPrefix) ? String(name.dropFirst(Self.alarmPrefix.count)) : nil
    }

    // MARK: Errors

    static func invalid(_ message: String) -> AWSError {
        AWSError(name: "InvalidParameterValueException", status: 400, message: message, queryCode: "InvalidParameterValue")
    }

    static func combination(_ message: String) -> AWSError {
        AWSError(
            name: "InvalidParameterCombinationException", status: 400, message: message, queryCode: "InvalidParameterCombination")
    }

    static func missing(_ name: String) -> AWSError {
        AWSError(
            name: "MissingRequiredParameterException", status: 400, message: "The parameter \(name) is required.",
            queryCode: "MissingParameter")
    }

    static func full(_ what: String) -> AWSError {
        AWSError(
            name: "LimitExceededFault", status: 400, message: "There are as many \(what) as this server keeps.", queryCode: "LimitExceeded")
    }
}

/// Members of a request: in the query protocol all of them are texts.
extension JSONValue {
    var lenientNumber: Double? {
        guard let number = self.doubleValue ?? self.stringValue.flatMap({ Double($0) }), number.isFinite else { return nil }
        return number
    }
}
