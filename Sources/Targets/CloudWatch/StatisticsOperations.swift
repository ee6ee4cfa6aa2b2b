import AWSAPI
import JSON
import Storage

/// `GetMetricStatistics`: the five statistics; percentiles are refused.
struct GetMetricStatistics: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "GetMetricStatistics")
    static let maxDatapoints: Int64 = 1440

    struct Input: OperationDecodable {
        let series: MetricTable.Series
        let statistics: [String]

        init(_ input: OperationInput) throws {
            let (start, end) = try MetricInput.interval(input)
            let period = try MetricInput.period(try input.value("Period"))
            self.series = MetricTable.Series(
                metric: try MetricInput.metric(input), unit: try input.optionalString("Unit"), start: start, end: end, periodSeconds: period
            )
            if try input.value("ExtendedStatistics") != nil {
                throw CloudWatchService.invalid("ExtendedStatistics is not supported by Roost: give Statistics.")
            }
            self.statistics = try input.optionalStringList("Statistics") ?? []
            guard !self.statistics.isEmpty else { throw CloudWatchService.missing("Statistics") }
            if let name = self.statistics.first(where: { !MetricStatistics.names.contains($0) }) {
                throw CloudWatchService.invalid("The value \(name) for parameter Statistics.member.N is invalid.")
            }
            guard (end - start) / 1000 / period <= GetMetricStatistics.maxDatapoints else {
                throw CloudWatchService.combination(
                    "You have requested more than the limit of \(GetMetricStatistics.maxDatapoints) datapoints: lengthen Period.")
            }
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let target = self.watch.metrics
        let found = try await target.store.read { connection in
            try MetricTable(connection: connection, limits: target.limits).statistics(input.series)
        }
        let points = found.sorted { ($0.key.start, $0.key.unit) < ($1.key.start, $1.key.unit) }.map { period, statistics -> JSONValue in
            var point: JSONObject = ["Timestamp": .int(period.start), "Unit": .string(period.unit)]
            for name in input.statistics { point[name] = statistics.value(name).map { JSONValue($0) } ?? .null }
            return .object(point)
        }
        return ["Label": .string(input.series.metric.name), "Datapoints": .array(points)]
    }
}

/// `GetMetricData`: queries of single metrics; expressions are refused.
struct GetMetricData: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "GetMetricData")
    static let maxQueries = 500

    struct Query: Sendable {
        let id: String
        let label: String
        let statistic: String
        let series: MetricTable.Series
    }

    struct Input: OperationDecodable {
        let queries: [Query]
        let isAscending: Bool

        init(_ input: OperationInput) throws {
            let (start, end) = try MetricInput.interval(input)
            let list = try input.optionalArray("MetricDataQueries", maxCount: GetMetricData.maxQueries) ?? []
            guard !list.isEmpty else { throw CloudWatchService.missing("MetricDataQueries") }
            self.queries = try list.map { try Self.query($0, start, end) }
            self.isAscending = try input.optionalString("ScanBy") == "TimestampAscending"
        }

        private static func query(_ value: JSONValue, _ start: Int64, _ end: Int64) throws(AWSError) -> Query {
            guard let id = value["Id"]?.stringValue, !id.isEmpty else { throw CloudWatchService.missing("MetricDataQueries.member.N.Id") }
            guard value["Expression"] == nil else {
                throw CloudWatchService.invalid("The expression of \(id) is not supported by Roost: give a MetricStat.")
            }
            guard case .object(let stat) = value["MetricStat"], case .object(let metric) = stat["Metric"] else {
                throw CloudWatchService.missing("MetricDataQueries.member.N.MetricStat")
            }
            let statistic = stat["Stat"]?.stringValue ?? ""
            guard MetricStatistics.names.contains(statistic) else {
                throw CloudWatchService.invalid(
                    "The statistic \(statistic.prefix(64)) of \(id) is not supported by Roost: \(MetricStatistics.names.joined(separator: ", ")) are."
                )
            }
            let named = try MetricInput.metric(.nested(metric))
            return Query(
                id: id, label: value["Label"]?.stringValue ?? named.name, statistic: statistic,
                series: MetricTable.Series(
                    metric: named, unit: stat["Unit"]?.stringValue, start: start, end: end,
                    periodSeconds: try MetricInput.period(stat["Period"])))
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let target = self.watch.metrics
        let results = try await target.store.read { connection in
            let table = MetricTable(connection: connection, limits: target.limits)
            return try input.queries.map { query -> JSONValue in
                var periods: [Int64: MetricStatistics] = [:]
                // All units together, unless the query names one.
                for (period, one) in try table.statistics(query.series) {
                    periods[period.start] = periods[period.start]?.merged(with: one) ?? one
                }
                let found = periods.sorted { ($0.key < $1.key) == input.isAscending }
                return [
                    "Id": .string(query.id), "Label": .string(query.label), "Timestamps": .array(found.map { .int($0.key) }),
                    "Values": .array(found.map { JSONValue($0.value.value(query.statistic) ?? 0) }), "StatusCode": "Complete",
                ]
            }
        }
        return ["MetricDataResults": .array(results), "Messages": []]
    }
}
