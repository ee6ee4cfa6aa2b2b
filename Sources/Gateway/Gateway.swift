import Broker
package import Logging
package import NIOCore
import Synchronization

/// The device listeners: MQTT over mutual TLS, the HTTPS port, and plain MQTT on loopback.
package final class Gateway: Sendable {
    package struct Ports: Sendable {
        package var mqtts: Int?
        package var https: Int?
        package var mqtt: Int?

        /// Nil leaves a listener off; 0 lets the system choose.
        package init(mqtts: Int?, https: Int?, mqtt: Int?) {
            self.mqtts = mqtts
            self.https = https
            self.mqtt = mqtt
        }
    }

    /// Where plain MQTT listens, whatever the others do: it has no encryption and its clients have no names.
    package static let plainHost = "127.0.0.1"

    let services: GatewayServices
    let limits: GatewayLimits
    let metrics: GatewayMetrics
    let logger: Logger
    private let contexts: TLSContexts
    private let group: any EventLoopGroup
    private let gate: ConnectionGate
    private let verifier: CertificateVerifier
    private let listeners = Mutex<[Listener]>([])
    private let requests = ChannelSet()

    package init(
        services: GatewayServices, contexts: TLSContexts, group: any EventLoopGroup, limits: GatewayLimits = .init(), logger: Logger
    ) {
        self.services = services
        self.contexts = contexts
        self.group = group
        self.limits = limits
        self.logger = logger
        let metrics = GatewayMetrics()
        self.metrics = metrics
        self.gate = ConnectionGate(limits: limits, metrics: metrics)
        self.verifier = CertificateVerifier(directory: services.directory, metrics: metrics, logger: logger)
    }

    /// Device connections of now, those that have not sent CONNECT among them.
    package var connectionCount: Int { self.gate.total }

    /// Binds the listeners; when one cannot be bound, those that were are closed again.
    package func start(host: String, ports: Ports) async throws -> [Listener] {
        var bound: [Listener] = []
        do {
            if let port = ports.mqtts { bound.append(try await self.bind(.mqtts, host, port) { try self.acceptMQTTS($0) }) }
            if let port = ports.https { bound.append(try await self.bind(.https, host, port) { try self.acceptHTTPS($0) }) }
            if let port = ports.mqtt { bound.append(try await self.bind(.mqtt, Self.plainHost, port) { try self.acceptPlain($0) }) }
        } catch {
            for listener in bound { try? await listener.channel.close() }
            throw error
        }
        self.listeners.withLock { $0 = bound }
        return bound
    }

    private func bind(
        _ kind: Listener.Kind, _ host: String, _ port: Int, prepare: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> Listener {
        try await Listener.bind(kind, host: host, port: port, group: self.group, limits: self.limits) { [gate, metrics] channel in
            try gate.enter(channel)
            metrics.accepted(on: kind)
            try prepare(channel)
        }
    }

    /// Accepts no more connections, and lets those that speak HTTP end after the request that they are in. MQTT connections are the
    /// broker's to end.
    package func stopAccepting() async {
        let listeners = self.listeners.withLock { listeners in
            defer { listeners = [] }
            return listeners
        }
        for listener in listeners { try? await listener.channel.close() }
        self.requests.quiesce()
    }

    /// Waits until no HTTP request is in flight.
    package func drainRequests() async {
        for channel in self.requests.all() { try? await channel.closeFuture.get() }
    }

    /// Waits until the last connection is gone, which after the broker's shutdown is when its last bytes were taken.
    package func waitForLastConnection(atMost period: Duration) async {
        let end = ContinuousClock.now + period
        while self.gate.total > 0, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    // MARK: Accepted connections

    private var pipeline: DevicePipeline {
        DevicePipeline(verifier: self.verifier, limits: self.limits, metrics: self.metrics, logger: self.logger)
    }

    private func acceptMQTTS(_ channel: any Channel) throws {
        let contexts = self.contexts
        try self.pipeline.startTLS(channel, context: { contexts.mqtt }) { channel, peer, _ in
            try self.startMQTT(channel, peer)
        }
    }

    private func acceptHTTPS(_ channel: any Channel) throws {
        let contexts = self.contexts
        try self.pipeline.startTLS(channel, context: { contexts.https }) { channel, peer, name in
            switch TLSContexts.ApplicationProtocol(rawValue: name ?? "") {
            case .mqttWithCertificate: try self.startMQTT(channel, peer)
            // A certificate that got through the handshake is enough; without one the client counts on an authorizer.
            case .mqttWithAuthorizer where peer.certificateID != nil: try self.startMQTT(channel, peer)
            case .mqttWithAuthorizer: try self.refuseCustomAuthorizer(channel)
            case .httpWithCertificate: try self.startHTTP(channel, peer, demandsCertificate: true)
            case .http, nil: try self.startHTTP(channel, peer, demandsCertificate: false)
            }
        }
    }

    private func acceptPlain(_ channel: any Channel) throws {
        let facts = ConnectionFacts(principal: .anonymous, transport: .tcp, channel: channel)
        try self.addMQTT(channel, facts)
    }

    private func addMQTT(_ channel: any Channel, _ facts: ConnectionFacts) throws {
        guard let handler = self.services.broker.makeConnectionHandler(facts, on: channel.eventLoop) else {
            throw ChannelError.operationUnsupported
        }
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private func startMQTT(_ channel: any Channel, _ peer: TLSPeer) throws {
        guard let id = peer.certificateID else {
            self.metrics.refused(.noCertificate)
            throw GatewayRefusal.noCertificate
        }
        let facts = ConnectionFacts(principal: .certificate(id: id), transport: .tls, channel: channel, serverName: peer.serverName)
        try self.addMQTT(channel, facts)
    }

    private func startHTTP(_ channel: any Channel, _ peer: TLSPeer, demandsCertificate: Bool) throws {
        guard peer.certificateID != nil || !demandsCertificate else {
            self.metrics.refused(.noCertificate)
            throw GatewayRefusal.noCertificate
        }
        let serverName = peer.serverName
        let upgrade = WebSocketUpgrade(
            authenticate: self.services.authenticateWebSocket, metrics: self.metrics, logger: self.logger)
        let exchange = HTTPExchange(
            limits: self.limits, metrics: self.metrics, clientCertificateID: peer.certificateID, upgrade: upgrade,
            respond: self.services.respond, refuse: self.services.refuse)
        try self.requests.insert(channel)
        try HTTPPipeline(limits: self.limits).start(channel, exchange: exchange) { channel, accessKeyID in
            self.requests.remove(channel)
            let end = wallMilliseconds() + self.limits.signedConnectionSeconds * 1_000
            let facts = ConnectionFacts(
                principal: .accessKey(id: accessKeyID), transport: .webSocket, channel: channel, serverName: serverName, endsAt: end)
            try self.addMQTT(channel, facts)
        }
    }

    private func refuseCustomAuthorizer(_ channel: any Channel) throws {
        self.metrics.refused(.customAuthorizer)
        self.logger.notice(
            "refused a client that asked for a custom authorizer (ALPN mqtt): this version offers none; use x-amzn-mqtt-ca",
            metadata: ["address": "\(channel.remoteAddress?.ipAddress ?? "")"])
        try channel.pipeline.syncOperations.addHandler(CustomAuthorizerRefusal())
    }
}
