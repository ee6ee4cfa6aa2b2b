import AWSAPI
import JSON
import Storage

/// `SetAlarmState`. A rule makes the alarm that it names, since nobody else can: PutMetricAlarm is not offered, for nothing would evaluate it.
struct SetAlarmState: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "SetAlarmState")
    static let states = ["OK", "ALARM", "INSUFFICIENT_DATA"]

    struct Input: OperationDecodable {
        let name: String
        let state: String
        let reason: String
        let reasonData: String?

        init(_ input: OperationInput) throws {
            guard let name = try input.optionalString("AlarmName", min: 1, max: 255) else { throw CloudWatchService.missing("AlarmName") }
            guard let state = try input.optionalString("StateValue") else { throw CloudWatchService.missing("StateValue") }
            guard SetAlarmState.states.contains(state) else {
                throw CloudWatchService.invalid("The value \(state.prefix(64)) for parameter StateValue is invalid.")
            }
            guard let reason = try input.optionalString("StateReason", max: 1023) else { throw CloudWatchService.missing("StateReason") }
            self.name = name
            self.state = state
            self.reason = reason
            self.reasonData = try input.optionalString("StateReasonData", max: 4000)
        }

        var body: JSONObject {
            var body: JSONObject = [
                "AlarmName": .string(self.name), "StateValue": .string(self.state), "StateReason": .string(self.reason),
            ]
            if let data = self.reasonData { body["StateReasonData"] = .string(data) }
            return body
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.watch.clock()
        let caller = context.caller
        let target = self.watch.alarms
        let record = TargetRecord(key: input.state, time: now, body: JSONValue.object(input.body).serializedBytes())
        try await target.store.write { connection in
            let log = target.log(connection)
            try log.require(
                input.name, kind: CloudWatchService.alarmKind, for: caller, at: now,
                missing: AWSError(name: "ResourceNotFound", status: 404, message: "The alarm \(input.name) does not exist."),
                full: CloudWatchService.full("alarms"))
            try log.append([record], to: input.name)
        }
        return EmptyOutput()
    }
}

/// `DescribeAlarms`: the newest state of each alarm.
struct DescribeAlarms: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "DescribeAlarms")

    struct Input: OperationDecodable {
        let names: Set<String>?
        let prefix: String?
        let state: String?
        /// Composite alarms and those of logs are not there.
        let wantsMetricAlarms: Bool
        let limit: Int
        let nextToken: String?
        let query: [String?]

        init(_ input: OperationInput) throws {
            let names = try input.optionalStringList("AlarmNames", maxCount: 100)
            self.names = names.map { Set($0) }
            self.prefix = try input.optionalString("AlarmNamePrefix")
            self.wantsMetricAlarms = try input.optionalStringList("AlarmTypes").map { $0.contains("MetricAlarm") } ?? true
            for name in ["ActionPrefix", "ChildrenOfAlarmName", "ParentsOfAlarmName"] where try input.value(name) != nil {
                throw CloudWatchService.invalid("\(name) is not supported by Roost.")
            }
            self.state = try input.optionalString("StateValue")
            let limit = try input.value("MaxRecords")?.lenientNumber ?? 50
            guard (1...100).contains(limit) else { throw CloudWatchService.invalid("MaxRecords is between 1 and 100.") }
            self.limit = Int(limit)
            self.nextToken = try input.optionalString("NextToken")
            self.query = [names?.joined(separator: "\n"), self.prefix, self.state, String(self.wantsMetricAlarms)]
        }

        func takes(_ name: String) -> Bool {
            self.wantsMetricAlarms && (self.names?.contains(name) ?? true) && name.hasPrefix(self.prefix ?? "")
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let after = try context.pages.position(in: input.nextToken, query: input.query)
        let target = self.watch.alarms
        let found = try await target.store.read { connection -> [(name: String, made: Int64, changes: [TargetRecord])] in
            let log = target.log(connection)
            var found: [(String, Int64, [TargetRecord])] = []
            for entry in try log.entries() where input.takes(entry.name) && (after == nil || entry.name > after ?? "") {
                let changes = try log.newest(of: entry.name, after: nil, limit: 2) ?? []
                guard let last = changes.last, input.state == nil || last.key == input.state else { continue }
                found.append((entry.name, entry.createdAt, changes))
                if found.count > input.limit { break }
            }
            return found
        }
        let page = found.prefix(input.limit)
        var answer: JSONObject = [
            "MetricAlarms": .array(page.map { .object(self.described($0.name, $0.made, $0.changes)) }), "CompositeAlarms": [],
        ]
        if found.count > page.count, let last = page.last {
            answer["NextToken"] = .string(context.pages.token(after: last.name, query: input.query))
        }
        return answer
    }

    /// - Parameter changes: the last change of state, and perhaps the one before.
    private func described(_ name: String, _ made: Int64, _ changes: [TargetRecord]) -> JSONObject {
        let last = changes.last
        let body = last.flatMap { try? JSONValue(parsing: $0.body) }
        var alarm: JSONObject = [
            "AlarmName": .string(name), "AlarmArn": .string(self.watch.account.arn(service: "cloudwatch", "alarm:\(name)")),
            "ActionsEnabled": false, "StateValue": .string(last?.key ?? ""), "StateReason": body?["StateReason"] ?? "",
            "StateUpdatedTimestamp": Self.seconds(last?.time ?? made), "AlarmConfigurationUpdatedTimestamp": Self.seconds(made),
        ]
        if let data = body?["StateReasonData"] { alarm["StateReasonData"] = data }
        if changes.count == 1 || changes.first?.key != last?.key { alarm["StateTransitionedTimestamp"] = Self.seconds(last?.time ?? made) }
        return alarm
    }

    private static func seconds(_ milliseconds: Int64) -> JSONValue { JSONValue(Double(milliseconds) / 1000) }
}

/// `DeleteAlarms`: all of them or none.
struct DeleteAlarms: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "DeleteAlarms")

    struct Input: OperationDecodable {
        let names: [String]

        init(_ input: OperationInput) throws {
            guard let names = try input.optionalStringList("AlarmNames", maxCount: 100) else {
                throw CloudWatchService.missing("AlarmNames")
            }
            self.names = names
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let target = self.watch.alarms
        try await target.store.write { connection in
            let log = target.log(connection)
            for name in Set(input.names) {
                guard try log.delete(name) else {
                    throw AWSError(name: "ResourceNotFound", status: 404, message: "The alarm \(name) does not exist.")
                }
            }
        }
        return EmptyOutput()
    }
}
