internal import CoreMetrics

/// What the endpoint tells about itself. The dimensions are names of the models and statuses, so their number is bounded.
struct EndpointMetrics: Sendable {
    func answered(_ exchange: Exchange, status: Int) {
        let dimensions = [
            ("service", exchange.service?.name ?? "none"), ("operation", exchange.operation ?? "none"), ("status", String(status)),
        ]
        Counter(label: "roost_api_requests_total", dimensions: dimensions).increment()
        let elapsed = exchange.started.duration(to: .now).components
        Timer(label: "roost_api_request_duration_seconds", dimensions: Array(dimensions.prefix(2)), preferredDisplayUnit: .seconds)
            .recordNanoseconds(elapsed.seconds * 1_000_000_000 + elapsed.attoseconds / 1_000_000_000)
    }
}
