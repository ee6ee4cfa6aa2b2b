import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Puts the HTTP handlers on a connection whose TLS handshake is over; a granted WebSocket upgrade takes them off again.
struct HTTPPipeline: Sendable {
    let limits: GatewayLimits

    /// - Parameters:
    ///   - exchange: what the HTTP handler calls.
    ///   - startMQTT: adds the MQTT handler after an upgrade, for the access key that signed it.
    func start(
        _ channel: any Channel, exchange: HTTPExchange, startMQTT: @escaping (any Channel, _ accessKeyID: String) throws -> Void
    ) throws {
        let eventLoop = channel.eventLoop
        let handler = HTTPRequestHandler(exchange: exchange)
        let confined = NIOLoopBound((handler: handler, exchange: exchange, startMQTT: startMQTT), eventLoop: eventLoop)
        let metrics = exchange.metrics
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: self.limits.maxFrameBytes,
            shouldUpgrade: { channel, head in
                let exchange = confined.value.exchange
                return exchange.upgrade.decide(head, exchange: exchange, channel: channel)
            },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    guard let id = confined.value.exchange.upgrade.accessKeyID else { throw ChannelError.operationUnsupported }
                    try channel.pipeline.syncOperations.addHandler(WebSocketFrameHandler(metrics: metrics))
                    try confined.value.startMQTT(channel, id)
                }
            })
        let upgrade: NIOHTTPServerUpgradeSendableConfiguration = (
            upgraders: [upgrader],
            completionHandler: { context in
                context.pipeline.syncOperations.removeHandler(confined.value.handler, promise: nil)
            }
        )
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: true, withServerUpgrade: upgrade, withErrorHandling: false,
            withEncoderConfiguration: .init(), withDecoderLimitConfiguration: self.decoderLimits)
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    private var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var configuration = NIOHTTPDecoderLimitConfiguration()
        configuration.maxHeaderFieldSize = self.limits.maxHeaderBytes
        configuration.maxHeaderListSize = self.limits.maxHeaderBytes
        configuration.maxHeaderFieldCount = self.limits.maxHeaderFields
        return configuration
    }
}
