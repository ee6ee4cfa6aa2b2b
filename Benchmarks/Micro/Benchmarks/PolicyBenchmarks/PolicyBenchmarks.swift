import Benchmark
import Identity

private let arn = "arn:aws:iot:us-east-1:123456789012:"

private func policies(_ resources: [String], condition: String = "{}") throws -> PolicySet {
    let list = resources.map { "\"\(arn)\($0)\"" }.joined(separator: ",")
    let text = """
        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":"\(arn)client/*"},\
        {"Effect":"Allow","Action":["iot:Publish","iot:Receive"],"Resource":[\(list)],"Condition":\(condition)},\
        {"Effect":"Deny","Action":"iot:Publish","Resource":"\(arn)topic/secret/*"}]}
        """
    return PolicySet([PolicySet.Entry(name: "device", version: "1", document: try PolicyDocument(parsing: text))])
}

private let context = PolicyContext(
    clientID: "device-000017", sourceIP: "192.0.2.17",
    thing: PolicyContext.Thing(name: "device-000017", typeName: "lamp", attributes: ["site": "north"]), isThingAttached: true)

/// What a statement's resource is, and a topic that it allows.
private let cases: [(name: String, resources: [String], topic: String)] = [
    ("literal", ["topic/telemetry"], "telemetry"),
    ("prefix", ["topic/telemetry/*"], "telemetry/device-000017/temperature"),
    ("wildcards", ["topic/*/device-?????7/t*e"], "telemetry/device-000017/temperature"),
    ("thing name", ["topic/telemetry/${iot:Connection.Thing.ThingName}/*"], "telemetry/device-000017/temperature"),
    ("last of 20", (0..<19).map { "topic/other-\($0)/*" } + ["topic/telemetry/*"], "telemetry/device-000017/temperature"),
]

let benchmarks: @Sendable () -> Void = {
    Benchmark.defaultConfiguration = Benchmark.Configuration(
        metrics: [.wallClock, .throughput], scalingFactor: .kilo, maxDuration: .seconds(3))
    for (name, resources, topic) in cases {
        Benchmark("decide \(name)") { benchmark in
            let set = try policies(resources)
            let resource = arn + "topic/" + topic
            precondition(set.decide(.publish, resource, context).isAllowed)
            benchmark.startMeasurement()
            for _ in benchmark.scaledIterations { blackHole(set.decide(.publish, resource, context)) }
        }
    }
    Benchmark("decide with conditions") { benchmark in
        let set = try policies(
            ["topic/*"], condition: #"{"Bool":{"iot:Connection.Thing.IsAttached":"true"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#)
        let resource = arn + "topic/telemetry"
        precondition(set.decide(.publish, resource, context).isAllowed)
        benchmark.startMeasurement()
        for _ in benchmark.scaledIterations { blackHole(set.decide(.publish, resource, context)) }
    }
    Benchmark("compile a document") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try policies(["topic/telemetry/${iot:Connection.Thing.ThingName}/*"])) }
    }
}
