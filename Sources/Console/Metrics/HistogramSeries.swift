internal import Atomics
internal import CoreMetrics

/// A histogram with fixed bounds: timers, and recorders that aggregate.
final class HistogramSeries: MetricSeries, TimerHandler, RecorderHandler {
    static let kind = "histogram"

    /// Upper bounds in seconds, from a quarter of a millisecond (one fsync on a good disk) to half a minute (the longest
    /// graceful stop).
    static let timerBounds: [Double] = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// Upper bounds for sizes and counts: powers of four.
    static let sizeBounds: [Double] = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576]

    private let bounds: [Double]
    /// One more than the bounds: the last counts what is above them all.
    private let buckets: [ManagedAtomic<UInt64>]
    private let sum = AtomicDouble()

    init(bounds: [Double]) {
        self.bounds = bounds
        self.buckets = (0...bounds.count).map { _ in ManagedAtomic(0) }
    }

    func recordNanoseconds(_ duration: Int64) {
        self.record(Double(duration) / 1e9)
    }

    func record(_ value: Int64) {
        self.record(Double(value))
    }

    func record(_ value: Double) {
        let index = self.bounds.firstIndex { value <= $0 } ?? self.bounds.count
        self.buckets[index].wrappingIncrement(ordering: .relaxed)
        self.sum.add(value)
    }

    func write(_ key: MetricKey, into text: inout String) {
        var cumulative: UInt64 = 0
        for (bound, bucket) in zip(self.bounds, self.buckets) {
            cumulative &+= bucket.load(ordering: .relaxed)
            text += "\(key.line(suffix: "_bucket", extra: "le=\"\(bound)\"")) \(cumulative)\n"
        }
        if let last = self.buckets.last { cumulative &+= last.load(ordering: .relaxed) }
        text += "\(key.line(suffix: "_bucket", extra: "le=\"+Inf\"")) \(cumulative)\n"
        text += "\(key.line(suffix: "_sum")) \(self.sum.value)\n"
        text += "\(key.line(suffix: "_count")) \(cumulative)\n"
    }
}
