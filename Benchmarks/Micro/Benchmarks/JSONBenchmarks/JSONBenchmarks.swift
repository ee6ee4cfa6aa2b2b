import Benchmark
import JSON

/// Texts as devices and SDKs send them.
private let texts: [(name: String, text: String)] = [
    ("telemetry, 100 bytes", #"{"t":21.5,"h":48,"ok":true,"id":"d-17","ts":1700000000123,"loc":[52.520008,13.404954],"err":null}"#),
    (
        "shadow update, 200 bytes",
        """
        {"state":{"reported":{"power":"on","temperature":21.5,"humidity":48,"color":{"r":255,"g":0,"b":12},"firmware":"1.4.2",\
        "uptime":86400,"rssi":-61,"errors":[]},"desired":null},"clientToken":"device-17-1042"}
        """
    ),
    (
        "20 keys, nested",
        "{\"state\":{\"desired\":{"
            + (0..<4).map { room in
                "\"room\(room)\":{" + (0..<4).map { "\"setting\($0)\":\(room * 10 + $0)" }.joined(separator: ",") + "}"
            }.joined(separator: ",") + "}}}"
    ),
    (
        "shadow, 400 bytes",
        """
        {"state":{"desired":{"color":{"r":255,"g":0,"b":12},"power":"on","mode":"auto"},"reported":{"power":"off","temp":21.50,"fw":"1.4.2"}},\
        "metadata":{"desired":{"color":{"r":{"timestamp":1700000000},"g":{"timestamp":1700000000},"b":{"timestamp":1700000000}},\
        "power":{"timestamp":1700000000}},"reported":{"power":{"timestamp":1699999999},"temp":{"timestamp":1699999999}}},"version":17,\
        "timestamp":1700000001,"clientToken":"token-1"}
        """
    ),
    ("text with escapes", #"{"message":"line one\nline \"two\"\tand \u00e9\ud83d\ude00, a longer run of plain characters behind it"}"#),
    ("1,000 members", "{" + (0..<1000).map { "\"member\($0)\":\($0)" }.joined(separator: ",") + "}"),
]

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput], scalingFactor: .kilo, maxDuration: .seconds(3))
    for (name, text) in texts {
        let bytes = [UInt8](text.utf8)
        Benchmark("read \(name)") { benchmark in
            for _ in benchmark.scaledIterations { blackHole(try JSONValue(parsing: bytes)) }
        }
        Benchmark("write \(name)") { benchmark in
            let value = try JSONValue(parsing: bytes)
            var output: [UInt8] = []
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations {
                output.removeAll(keepingCapacity: true)
                value.write(into: &output)
                blackHole(output)
            }
        }
    }
}
