import AWSAPI
import JSON
import Storage

/// `PutMetricData`. Namespaces and metrics need not be made before.
struct PutMetricData: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "PutMetricData")
    static let maxData = 1000

    struct Input: OperationDecodable {
        let namespace: String
        let data: [MetricDatum]

        init(_ input: OperationInput) throws {
            self.namespace = try MetricInput.namespace(input)
            if try input.value("EntityMetricData") != nil { throw CloudWatchService.invalid("EntityMetricData is not supported by Roost.") }
            let list = try input.optionalArray("MetricData") ?? []
            guard !list.isEmpty else { throw CloudWatchService.missing("MetricData") }
            guard list.count <= PutMetricData.maxData else {
                throw CloudWatchService.invalid("The collection MetricData must not have a size greater than \(PutMetricData.maxData).")
            }
            self.data = try list.map { try MetricDatum($0) }
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.watch.clock()
        let records = input.data.map { datum in
            TargetRecord(
                key: datum.name, time: datum.time ?? now,
                attributes: [
                    "dimensions": MetricDimension.described(datum.dimensions), "unit": .string(datum.unit),
                    "statistics": datum.statistics.attribute,
                ], body: JSONValue.object(datum.object).serializedBytes())
        }
        let target = self.watch.metrics
        try await target.store.write { connection in
            let log = target.log(connection)
            if try log.entry(input.namespace) == nil {
                guard try log.create(input.namespace, kind: CloudWatchService.namespaceKind, at: now) else {
                    throw CloudWatchService.full("namespaces")
                }
            }
            let table = MetricTable(connection: connection, limits: target.limits)
            for datum in input.data { try table.saw(datum.name, datum.dimensions, in: input.namespace, at: now) }
            try log.append(records, to: input.namespace)
        }
        return EmptyOutput()
    }
}

/// Members that operations on metrics share.
enum MetricInput {
    static func namespace(_ input: OperationInput) throws(AWSError) -> String {
        guard let name = try input.optionalString("Namespace") else { throw CloudWatchService.missing("Namespace") }
        guard (1...255).contains(name.count), !name.hasPrefix(":") else {
            throw CloudWatchService.invalid("The value \(name.prefix(255)) for parameter Namespace is invalid.")
        }
        return name
    }

    static func metric(_ input: OperationInput) throws(AWSError) -> MetricTable.Metric {
        let namespace = try Self.namespace(input)
        guard let name = try input.optionalString("MetricName") else { throw CloudWatchService.missing("MetricName") }
        return MetricTable.Metric(
            namespace: namespace, name: name,
            dimensions: try MetricDimension.list(try input.value("Dimensions"), max: MetricDatum.maxDimensions))
    }

    /// The times of a query.
    static func interval(_ input: OperationInput) throws(AWSError) -> (start: Int64, end: Int64) {
        guard let start = try input.value("StartTime") else { throw CloudWatchService.missing("StartTime") }
        guard let end = try input.value("EndTime") else { throw CloudWatchService.missing("EndTime") }
        let interval = (try MetricDatum.milliseconds(start, "StartTime"), try MetricDatum.milliseconds(end, "EndTime"))
        guard interval.0 < interval.1 else {
            throw CloudWatchService.invalid("The parameter StartTime must be less than the parameter EndTime.")
        }
        return interval
    }

    /// Seconds: 1, 5, 10, 30, or minutes.
    static func period(_ value: JSONValue?) throws(AWSError) -> Int64 {
        guard let value else { throw CloudWatchService.missing("Period") }
        guard let seconds = value.lenientNumber, seconds >= 1, seconds <= 86_400 * 365, seconds == seconds.rounded(),
            [1, 5, 10, 30].contains(seconds) || Int64(seconds) % 60 == 0
        else { throw CloudWatchService.invalid("The parameter Period must be 1, 5, 10, 30 or a multiple of 60.") }
        return Int64(seconds)
    }
}

/// `ListMetrics`.
struct ListMetrics: AWSOperation {
    static let route = OperationRoute(.cloudWatch, "ListMetrics")
    static let pageSize = 500
    private static let recentMilliseconds: Int64 = 3 * 3600 * 1000

    struct Input: OperationDecodable {
        let namespace: String?
        let name: String?
        let dimensions: [MetricDimension]
        /// Those that had values in the last three hours.
        let isRecent: Bool
        let nextToken: String?

        init(_ input: OperationInput) throws {
            self.isRecent = try input.optionalWord("RecentlyActive", of: ["PT3H"]) != nil
            self.namespace = try input.optionalString("Namespace")
            self.name = try input.optionalString("MetricName")
            self.dimensions = try MetricDimension.list(try input.value("Dimensions"), max: 10, needsValues: false)
            self.nextToken = try input.optionalString("NextToken")
        }

        func takes(_ metric: MetricTable.Metric) -> Bool {
            (self.namespace == nil || metric.namespace == self.namespace) && (self.name == nil || metric.name == self.name)
                && self.dimensions.allSatisfy { wanted in
                    metric.dimensions.contains { $0.name == wanted.name && (wanted.value == nil || $0.value == wanted.value) }
                }
        }
    }

    let watch: CloudWatchService

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.namespace, input.name, String(input.isRecent), MetricDimension.described(input.dimensions).serialized()]
        let from = try context.pages.position(in: input.nextToken, query: query).flatMap { Int($0) } ?? 0
        let target = self.watch.metrics
        let since = input.isRecent ? self.watch.clock() - Self.recentMilliseconds : 0
        let found = try await target.store.read { try MetricTable(connection: $0, limits: target.limits).all(since: since) }
            .filter(input.takes)
        let page = found.dropFirst(from).prefix(Self.pageSize)
        var answer: JSONObject = [
            "Metrics": .array(
                page.map {
                    [
                        "Namespace": .string($0.namespace), "MetricName": .string($0.name),
                        "Dimensions": MetricDimension.described($0.dimensions),
                    ]
                })
        ]
        if from + page.count < found.count {
            answer["NextToken"] = .string(context.pages.token(after: String(from + page.count), query: query))
        }
        return answer
    }
}
