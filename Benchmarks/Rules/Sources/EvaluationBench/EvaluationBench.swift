import Foundation
import JSON
import SQL

/// Prints one line of JSON for each statement: how many evaluations a second one thread makes.
@main
struct EvaluationBench {
    /// A message of about 300 bytes, as devices send them.
    static let payload = """
        {"temperature":31.5,"humidity":48,"status":"ok","battery":{"level":87,"voltage":3.71,"cycles":112},"position":\
        {"lat":48.137154,"lon":11.576124,"accuracy":4.2},"firmware":"2.14.7-release","uptime":864210,"tags":["cellar","north",\
        "fleet-7"],"measuredAt":"2026-02-03T04:05:06Z","sequence":4711,"remark":"measured by the second sensor"}
        """

    static let statements: [(name: String, sql: String)] = [
        (
            "simple",
            "SELECT temperature, topic(2) AS device FROM 'dt/+/telemetry' WHERE temperature > 30 AND status = 'ok'"
        ),
        (
            "ten functions",
            """
            SELECT round(temperature * 1.8 + 32) AS fahrenheit, upper(status) AS status, topic(2) AS device, timestamp() AS at, \
            concat(firmware, '/', clientid()) AS build, substring(measuredAt, 0, 10) AS day, length(remark) AS remark, \
            {'level': floor(battery.level / 10), 'ok': battery.voltage > 3.5, 'place': {'lat': trunc(position.lat, 3), 'tag': get(tags, 0)}} \
            AS state FROM 'dt/+/telemetry' WHERE temperature > 30 AND startswith(firmware, '2.')
            """
        ),
    ]

    static func main() throws {
        let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 3
        let message = SQLMessage(
            topic: "dt/device-000017/telemetry", payload: Array(self.payload.utf8), clientID: "device-000017", principal: nil,
            sourceIP: "192.0.2.17", traceID: nil, accountID: "000000000000", timestampMilliseconds: 1_770_000_000_000, properties: .init())
        for (name, sql) in self.statements {
            let statement = try SQLStatement(parsing: sql, version: .v2016)
            guard case .output(let output) = statement.evaluate(message).outcome else {
                throw Failure(description: "the statement \(name) gives no result")
            }
            let rate = self.rate(statement, message, seconds: seconds)
            print(
                "{\"statement\": \"\(name)\", \"payload_bytes\": \(self.payload.utf8.count), \"result_bytes\": \(output.bytes.count), "
                    + "\"per_second\": \(Int(rate))}")
        }
    }

    /// What is evaluated is also written, as for an action.
    private static func rate(_ statement: SQLStatement, _ message: SQLMessage, seconds: Double) -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        var count = 0
        var bytes = 0
        while start.duration(to: clock.now) < .seconds(seconds) {
            for _ in 0..<1000 {
                if case .output(let output) = statement.evaluate(message).outcome { bytes &+= output.bytes.count }
            }
            count += 1000
        }
        let took = start.duration(to: clock.now)
        precondition(bytes > 0)
        return Double(count) / (Double(took.components.seconds) + Double(took.components.attoseconds) / 1e18)
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String
}
