import AWSAPI
import Foundation
import JSON

/// One MetricDatum: a value, a distribution of values, or their statistics.
struct MetricDatum: Sendable {
    static let units: Set<String> = {
        let sizes = ["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"]
        return Set(
            sizes + sizes.map { "\($0)/Second" } + ["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "Count/Second", "None"])
    }()
    static let maxDimensions = 30
    static let maxValues = 150

    let name: String
    /// By name.
    let dimensions: [MetricDimension]
    let unit: String
    /// Milliseconds since 1970; nil for now.
    let time: Int64?
    let statistics: MetricStatistics
    /// As it came.
    let object: JSONObject

    init(_ value: JSONValue) throws(AWSError) {
        guard case .object(let object) = value else {
            throw CloudWatchService.invalid("A MetricDatum is \(value.kindName), not an object.")
        }
        guard let name = object["MetricName"]?.stringValue, (1...255).contains(name.count) else {
            throw CloudWatchService.missing("MetricData.member.N.MetricName")
        }
        self.object = object
        self.name = name
        self.dimensions = try MetricDimension.list(object["Dimensions"], max: Self.maxDimensions)
        self.unit = object["Unit"]?.stringValue ?? "None"
        guard Self.units.contains(self.unit) else {
            throw CloudWatchService.invalid("The value \(self.unit) for parameter Unit is invalid.")
        }
        self.time = try object["Timestamp"].map { value throws(AWSError) in try Self.milliseconds(value, "Timestamp") }
        self.statistics = try Self.statistics(object)
    }

    /// Seconds since 1970, or a text of ISO 8601.
    static func milliseconds(_ value: JSONValue, _ name: String) throws(AWSError) -> Int64 {
        if let seconds = value.lenientNumber, abs(seconds) < 1e12 { return Int64(seconds * 1000) }
        if let text = value.stringValue {
            for hasFraction in [false, true] {
                let style = Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction)
                if let date = try? style.parse(text) { return Int64(date.timeIntervalSince1970 * 1000) }
            }
        }
        throw CloudWatchService.invalid("The value of \(name) is no time.")
    }

    private static func statistics(_ object: JSONObject) throws(AWSError) -> MetricStatistics {
        let given = ["Value", "Values", "StatisticValues"].filter { object[$0] != nil && object[$0] != .null }
        guard given.count == 1 else {
            throw CloudWatchService.combination(
                "A MetricDatum has one of Value, Values and StatisticValues; this one has \(given.count).")
        }
        if let set = object["StatisticValues"] {
            guard let count = set["SampleCount"]?.lenientNumber, let sum = set["Sum"]?.lenientNumber,
                let least = set["Minimum"]?.lenientNumber, let greatest = set["Maximum"]?.lenientNumber, count > 0
            else { throw CloudWatchService.invalid("StatisticValues has SampleCount, Sum, Minimum and Maximum, all numbers.") }
            return MetricStatistics(count: count, sum: sum, minimum: least, maximum: greatest)
        }
        let values = object["Values"]?.arrayValue ?? [object["Value"] ?? .null]
        let counts = object["Counts"]?.arrayValue ?? values.map { _ in 1 }
        guard !values.isEmpty, values.count <= Self.maxValues, counts.count == values.count else {
            throw CloudWatchService.invalid("Values has 1 to \(Self.maxValues) numbers, and Counts as many.")
        }
        var all: MetricStatistics?
        for (value, count) in zip(values, counts) {
            guard let number = value.lenientNumber, let count = count.lenientNumber, count > 0 else {
                throw CloudWatchService.invalid("The value \(value.serialized().prefix(64)) for parameter Value is invalid.")
            }
            let one = MetricStatistics(count: count, sum: number * count, minimum: number, maximum: number)
            all = all?.merged(with: one) ?? one
        }
        guard let all else { throw CloudWatchService.missing("Value") }
        return all
    }
}

/// What is known of a number of values.
struct MetricStatistics: Sendable, Equatable {
    var count: Double
    var sum: Double
    var minimum: Double
    var maximum: Double

    static let names = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]

    func merged(with other: MetricStatistics) -> MetricStatistics {
        MetricStatistics(
            count: self.count + other.count, sum: self.sum + other.sum, minimum: min(self.minimum, other.minimum),
            maximum: max(self.maximum, other.maximum))
    }

    /// By the name that the API has for it; nil for another.
    func value(_ name: String) -> Double? {
        switch name {
        case "SampleCount": self.count
        case "Average": self.sum / self.count
        case "Sum": self.sum
        case "Minimum": self.minimum
        case "Maximum": self.maximum
        default: nil
        }
    }

    var attribute: JSONValue {
        .array([JSONValue(self.count), JSONValue(self.sum), JSONValue(self.minimum), JSONValue(self.maximum)])
    }

    init(count: Double, sum: Double, minimum: Double, maximum: Double) {
        (self.count, self.sum, self.minimum, self.maximum) = (count, sum, minimum, maximum)
    }

    init?(_ attribute: JSONValue?) {
        guard let numbers = attribute?.arrayValue?.map({ $0.doubleValue ?? 0 }), numbers.count == 4 else { return nil }
        self.init(count: numbers[0], sum: numbers[1], minimum: numbers[2], maximum: numbers[3])
    }
}

/// One dimension of a metric.
struct MetricDimension: Sendable, Hashable {
    let name: String
    /// Nil in filters, for any.
    let value: String?

    /// A list of them by name; lists of objects, and the map that the query protocol's reader makes of them.
    static func list(_ value: JSONValue?, max: Int, needsValues: Bool = true) throws(AWSError) -> [MetricDimension] {
        guard let value, value != .null else { return [] }
        guard let items = value.arrayValue else { throw CloudWatchService.invalid("Dimensions is \(value.kindName), not a list.") }
        guard items.count <= max else { throw CloudWatchService.invalid("There are \(items.count) dimensions; at most \(max) may be.") }
        var dimensions: [MetricDimension] = []
        for item in items {
            guard let name = item["Name"]?.stringValue, !name.isEmpty, !needsValues || item["Value"]?.stringValue?.isEmpty == false else {
                throw CloudWatchService.invalid("A dimension has the texts Name and Value.")
            }
            dimensions.append(MetricDimension(name: name, value: item["Value"]?.stringValue))
        }
        return dimensions.sorted { $0.name < $1.name }
    }

    static func described(_ dimensions: [MetricDimension]) -> JSONValue {
        .array(dimensions.map { ["Name": .string($0.name), "Value": .string($0.value ?? "")] })
    }
}
