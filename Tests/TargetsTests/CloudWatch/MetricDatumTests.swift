import AWSAPI
import JSON
import Testing

@testable import Targets

@Suite("Values of metrics")
struct MetricDatumTests {
    @Test(
        "each way to say values comes to their statistics",
        arguments: [
            (["MetricName": "m", "Value": 2.5], [1, 2.5, 2.5, 2.5]),
            (["MetricName": "m", "Value": "2.5"], [1, 2.5, 2.5, 2.5]),
            (["MetricName": "m", "Values": [1, 4], "Counts": [2, 1]], [3, 6, 1, 4]),
            (["MetricName": "m", "Values": ["1", "4"]], [2, 5, 1, 4]),
            (["MetricName": "m", "StatisticValues": ["SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": "6"]], [4, 10, 1, 6]),
        ] as [(JSONValue, [Double])])
    func statistics(_ object: JSONValue, _ expected: [Double]) throws {
        let found = try MetricDatum(object).statistics
        #expect(
            found == MetricStatistics(count: expected[0], sum: expected[1], minimum: expected[2], maximum: expected[3]))
        #expect(MetricStatistics(found.attribute) == found)
    }

    @Test(
        "what is wrong is refused",
        arguments: [
            "x", [:], ["MetricName": "m"], ["MetricName": "m", "Value": "warm"], ["MetricName": "m", "Value": "inf"],
            ["MetricName": "m", "Value": 1, "Values": [1]], ["MetricName": "m", "Values": []],
            ["MetricName": "m", "Values": [1], "Counts": [1, 2]], ["MetricName": "m", "Values": [1], "Counts": [0]],
            ["MetricName": "m", "Value": 1, "Unit": "Degrees"], ["MetricName": "m", "Value": 1, "Timestamp": "yesterday"],
            ["MetricName": "m", "Value": 1, "Timestamp": 1e300], ["MetricName": "m", "Value": 1, "Dimensions": [["Name": "a"]]],
            ["MetricName": "m", "StatisticValues": ["SampleCount": 0, "Sum": 0, "Minimum": 0, "Maximum": 0]],
        ] as [JSONValue])
    func refuses(_ object: JSONValue) {
        #expect(throws: AWSError.self) { try MetricDatum(object) }
    }

    @Test(
        "times are seconds or ISO 8601",
        arguments: [
            (1_700_000_000, 1_700_000_000_000), (1_700_000_000.5, 1_700_000_000_500), ("1700000000", 1_700_000_000_000),
            ("2023-11-14T22:13:20Z", 1_700_000_000_000), ("2023-11-14T22:13:20.500Z", 1_700_000_000_500),
            ("2023-11-14T23:13:20+01:00", 1_700_000_000_000),
        ] as [(JSONValue, Int64)])
    func times(_ value: JSONValue, _ expected: Int64) throws {
        #expect(try MetricDatum.milliseconds(value, "Timestamp") == expected)
    }
}
