import CoreMetrics

/// What one event loop counted; plain numbers, so that counting a message costs an addition. Handed to swift-metrics once a second.
struct Counters {
    var received = 0
    var delivered = 0
    var bytesReceived = 0
    var droppedQueueFull = 0
    var droppedSlowReader = 0
    var droppedExpired = 0
    var droppedTooLarge = 0
    var droppedOffline = 0
    var deniedPublish = 0
    var deniedSubscribe = 0
    var deniedReceive = 0
    var throttled = 0
    var connected = 0
    var takeovers = 0
}

/// The broker's metrics (swift-metrics).
struct BrokerMetrics: Sendable {
    private let received = Counter(label: "roost_mqtt_messages_received_total")
    private let delivered = Counter(label: "roost_mqtt_messages_sent_total")
    private let bytesReceived = Counter(label: "roost_mqtt_payload_bytes_received_total")
    private let connected = Counter(label: "roost_mqtt_connects_total")
    private let takeovers = Counter(label: "roost_mqtt_takeovers_total")
    private let dropped = ["queue_full", "slow_reader", "expired", "too_large", "offline"].map {
        Counter(label: "roost_mqtt_messages_dropped_total", dimensions: [("reason", $0)])
    }
    private let denied = ["publish", "subscribe", "receive"].map {
        Counter(label: "roost_mqtt_denied_total", dimensions: [("action", $0)])
    }
    private let throttled = Counter(label: "roost_mqtt_throttled_total")
    let connectDenied = Counter(label: "roost_mqtt_denied_total", dimensions: [("action", "connect")])
    let connections = Gauge(label: "roost_mqtt_connections")
    let sessions = Gauge(label: "roost_mqtt_sessions")
    let retained = Gauge(label: "roost_mqtt_retained_messages")
    let queuedBytes = Gauge(label: "roost_mqtt_queued_bytes")

    func add(_ counters: Counters) {
        self.received.increment(by: counters.received)
        self.delivered.increment(by: counters.delivered)
        self.bytesReceived.increment(by: counters.bytesReceived)
        self.connected.increment(by: counters.connected)
        self.takeovers.increment(by: counters.takeovers)
        self.throttled.increment(by: counters.throttled)
        let drops = [
            counters.droppedQueueFull, counters.droppedSlowReader, counters.droppedExpired, counters.droppedTooLarge,
            counters.droppedOffline,
        ]
        for (counter, n) in zip(self.dropped, drops) { counter.increment(by: n) }
        for (counter, n) in zip(self.denied, [counters.deniedPublish, counters.deniedSubscribe, counters.deniedReceive]) {
            counter.increment(by: n)
        }
    }
}
