import AWSAPI
import Foundation

/// `cloudwatchMetric`: one value of a metric for each result (CloudWatch PutMetricData).
struct CloudwatchMetricAction: RuleAction {
    static let key = "cloudwatchMetric"
    static let failureName = "CloudwatchMetricAction"
    /// What StandardUnit has in CloudWatch's model.
    static let units: Set<String> = {
        let sizes = ["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"]
        let others = ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"]
        return Set(sizes + sizes.map { "\($0)/Second" } + others)
    }()

    private let namespace: SubstitutionTemplate
    private let name: SubstitutionTemplate
    private let value: SubstitutionTemplate
    private let unit: SubstitutionTemplate
    private let timestamp: SubstitutionTemplate?
    private let services: ActionServices
    let resource: String
    /// Values that PutMetricData takes in one call.
    let batchLimit = 1000

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("metricName")
        self.namespace = try fields.template("metricNamespace")
        self.name = try fields.template("metricName")
        self.value = try fields.template("metricValue")
        self.unit = try fields.template("metricUnit")
        self.timestamp = try fields.optionalTemplate("metricTimestamp")
        self.services = fields.services
        if self.unit.isConstant { try Self.checkUnit(try fields.input.string("metricUnit")) }
    }

    private static func checkUnit(_ unit: String) throws(AWSError) {
        guard !Self.units.contains(unit) else { return }
        throw .invalidRequest("metricUnit: \(unit) is not a unit of CloudWatch, which are \(Self.units.sorted().joined(separator: ", ")).")
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] {
        await ActionBatch.deliver(items, prepare: self.datum) { namespace, members in
            await ActionBatch.sendWhole(members) { part throws(ServiceFailure) in
                var parameters = [QueryItem("Namespace", namespace)]
                for (i, member) in part.enumerated() {
                    parameters += member.entry.map { QueryItem("MetricData.member.\(i + 1).\($0.name)", $0.value) }
                }
                guard let first = part.first else { return }
                _ = try await self.services.call(
                    .query("monitoring", "PutMetricData", version: "2010-08-01", parameters), for: first.item)
            }
        }
    }

    /// The namespace, and a MetricDatum's members.
    private func datum(_ item: ActionItem) async throws -> (String, [QueryItem]) {
        let value = try await item.text(self.value)
        guard let number = Double(value), number.isFinite else {
            throw ActionProblem("metricValue is \"\(value.prefix(64))\", which is no number.")
        }
        let unit = try await item.text(self.unit)
        guard Self.units.contains(unit) else {
            throw ActionProblem("metricUnit is \"\(unit.prefix(64))\", which is no unit of CloudWatch.")
        }
        var members = [
            QueryItem("MetricName", try await item.text(self.name)), QueryItem("Value", value), QueryItem("Unit", unit),
        ]
        if let text = try await item.text(self.timestamp), !text.isEmpty {
            guard let seconds = Double(text), let time = Self.iso8601(seconds) else {
                throw ActionProblem("metricTimestamp is \"\(text.prefix(64))\", which is no time in seconds since 1970.")
            }
            members.append(QueryItem("Timestamp", time))
        }
        return (try await item.text(self.namespace), members)
    }

    /// The year 9999 is the last that the text can say.
    private static func iso8601(_ seconds: Double) -> String? {
        guard (0...253_402_300_799).contains(seconds) else { return nil }
        return Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }
}
