internal import Atomics
internal import CoreMetrics

/// What identifies one series: its family's name and its labels.
struct MetricKey: Hashable, Sendable {
    let name: String
    /// `{action="publish"}` or nothing: written once, when the series is made.
    let labels: String

    init(name: String, dimensions: [(String, String)]) {
        self.name = name
        guard !dimensions.isEmpty else {
            self.labels = ""
            return
        }
        self.labels = dimensions.map { key, value in
            "\(MetricName.sanitizedLabel(key))=\"\(MetricName.escapedValue(value))\""
        }.joined(separator: ",")
    }

    /// The series' name with its labels, and `extra` among them.
    func line(suffix: String = "", extra: String = "") -> String {
        let all = [self.labels, extra].filter { !$0.isEmpty }.joined(separator: ",")
        return all.isEmpty ? self.name + suffix : "\(self.name)\(suffix){\(all)}"
    }
}

/// One series, whatever its kind.
protocol MetricSeries: AnyObject, Sendable {
    static var kind: String { get }
    func write(_ key: MetricKey, into text: inout String)
}

/// A double that several threads add to and set.
final class AtomicDouble: Sendable {
    private let bits = ManagedAtomic<UInt64>(0)

    var value: Double { Double(bitPattern: self.bits.load(ordering: .relaxed)) }

    func set(_ value: Double) {
        self.bits.store(value.bitPattern, ordering: .relaxed)
    }

    func add(_ amount: Double) {
        var old = self.bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let result = self.bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }

    func raise(to value: Double) {
        var old = self.bits.load(ordering: .relaxed)
        while Double(bitPattern: old) < value {
            let result = self.bits.weakCompareExchange(expected: old, desired: value.bitPattern, ordering: .relaxed)
            if result.exchanged { return }
            old = result.original
        }
    }
}

final class CounterSeries: MetricSeries, CounterHandler {
    static let kind = "counter"
    private let count = ManagedAtomic<Int64>(0)

    func increment(by amount: Int64) {
        // Wraps instead of trapping: a counter must never stop the server.
        self.count.wrappingIncrement(by: amount, ordering: .relaxed)
    }

    func reset() {
        self.count.store(0, ordering: .relaxed)
    }

    func write(_ key: MetricKey, into text: inout String) {
        text += "\(key.line()) \(self.count.load(ordering: .relaxed))\n"
    }
}

final class FloatingPointCounterSeries: MetricSeries, FloatingPointCounterHandler {
    static let kind = "counter"
    private let sum = AtomicDouble()

    func increment(by amount: Double) {
        self.sum.add(amount)
    }

    func reset() {
        self.sum.set(0)
    }

    func write(_ key: MetricKey, into text: inout String) {
        text += "\(key.line()) \(self.sum.value)\n"
    }
}

/// A gauge: swift-metrics' meter, and its recorder that does not aggregate.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    static let kind = "gauge"
    private let current = AtomicDouble()

    func set(_ value: Int64) { self.current.set(Double(value)) }
    func set(_ value: Double) { self.current.set(value) }
    func increment(by amount: Double) { self.current.add(amount) }
    func decrement(by amount: Double) { self.current.add(-amount) }
    func record(_ value: Int64) { self.current.set(Double(value)) }
    func record(_ value: Double) { self.current.set(value) }

    func write(_ key: MetricKey, into text: inout String) {
        text += "\(key.line()) \(self.current.value)\n"
    }
}
