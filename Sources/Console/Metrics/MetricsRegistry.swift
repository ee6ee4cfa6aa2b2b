package import CoreMetrics
internal import Synchronization

/// The swift-metrics backend: keeps every series in memory and writes them in the Prometheus text format 0.0.4.
///
/// The number of series is bounded: what would exceed it counts nowhere but in `roost_metrics_refused_series_total`, so that a label whose
/// values a peer chooses cannot grow memory.
package final class MetricsRegistry: MetricsFactory {
    package static let maxSeries = 4_000

    private struct State {
        var series: [MetricKey: any MetricSeries] = [:]
        /// A family has one kind; another kind under its name is refused.
        var kinds: [String: String] = [:]
        var keys: [ObjectIdentifier: MetricKey] = [:]
        var refused = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    package init(maxSeries: Int = MetricsRegistry.maxSeries) {
        self.limit = maxSeries
    }

    /// The series of that key, made if there is none; a series that is kept nowhere when the limit is reached.
    private func series<Series: MetricSeries>(_ name: String, _ dimensions: [(String, String)], make: () -> Series) -> Series {
        let key = MetricKey(name: name, dimensions: dimensions)
        return self.state.withLock { state in
            if let known = state.series[key] as? Series { return known }
            let made = make()
            guard state.series[key] == nil, state.series.count < self.limit, state.kinds[name, default: Series.kind] == Series.kind else {
                state.refused += 1
                return made
            }
            state.series[key] = made
            state.kinds[name] = Series.kind
            state.keys[ObjectIdentifier(made)] = key
            return made
        }
    }

    /// All series as Prometheus text.
    package func text() -> String {
        let (series, kinds, refused) = self.state.withLock { ($0.series, $0.kinds, $0.refused) }
        var text = ""
        let families = Dictionary(grouping: series, by: { $0.key.name })
        for (name, members) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(kinds[name] ?? "untyped")\n"
            for (key, member) in members.sorted(by: { $0.key.labels < $1.key.labels }) {
                member.write(key, into: &text)
            }
        }
        text += "# TYPE roost_metrics_refused_series_total counter\nroost_metrics_refused_series_total \(refused)\n"
        return text
    }

    private func forget(_ handler: AnyObject) {
        self.state.withLock { state in
            guard let key = state.keys.removeValue(forKey: ObjectIdentifier(handler)) else { return }
            state.series[key] = nil
        }
    }
}

extension MetricsRegistry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        self.series(MetricName.counter(label), dimensions) { CounterSeries() }
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        self.series(MetricName.counter(label), dimensions) { FloatingPointCounterSeries() }
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        self.series(MetricName.sanitized(label), dimensions) { GaugeSeries() }
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        guard aggregate else { return self.series(MetricName.sanitized(label), dimensions) { GaugeSeries() } }
        return self.series(MetricName.sanitized(label), dimensions) { HistogramSeries(bounds: HistogramSeries.sizeBounds) }
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        self.series(MetricName.timer(label), dimensions) { HistogramSeries(bounds: HistogramSeries.timerBounds) }
    }

    package func destroyCounter(_ handler: any CounterHandler) { self.forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { self.forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { self.forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { self.forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { self.forget(handler) }
}
