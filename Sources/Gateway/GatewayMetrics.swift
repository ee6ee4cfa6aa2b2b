import CoreMetrics

/// What the listeners count. Every refusal has a counter with its reason.
struct GatewayMetrics: Sendable {
    enum Refusal: String, CaseIterable {
        case tooManyConnections = "too_many_connections"
        case tooManyFromAddress = "too_many_from_address"
        case handshakeTimeout = "handshake_timeout"
        case handshakeFailed = "handshake_failed"
        case unknownCertificate = "unknown_certificate"
        case unusableCertificate = "unusable_certificate"
        case noCertificate = "no_certificate"
        case customAuthorizer = "custom_authorizer"
        case signature = "signature"
        case webSocketProtocol = "websocket_protocol"
        case requestTimeout = "request_timeout"
        case requestTooLarge = "request_too_large"
    }

    private let refusals: [Refusal: Counter]
    private let accepted: [Listener.Kind: Counter]
    private let handshakes = Counter(label: "roost_gateway_tls_handshakes_total")
    private let open = Gauge(label: "roost_gateway_connections")

    init() {
        self.refusals = Dictionary(
            uniqueKeysWithValues: Refusal.allCases.map {
                ($0, Counter(label: "roost_gateway_refused_total", dimensions: [("reason", $0.rawValue)]))
            })
        self.accepted = Dictionary(
            uniqueKeysWithValues: Listener.Kind.allCases.map {
                ($0, Counter(label: "roost_gateway_accepted_total", dimensions: [("listener", $0.rawValue)]))
            })
    }

    func refused(_ reason: Refusal) { self.refusals[reason]?.increment() }
    func accepted(on listener: Listener.Kind) { self.accepted[listener]?.increment() }
    func handshakeCompleted() { self.handshakes.increment() }
    func connections(_ count: Int) { self.open.record(count) }
}
