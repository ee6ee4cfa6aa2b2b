internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes
internal import NIOSSL

/// A connection of the API port: Hummingbird's HTTP/1.1 channel behind the handler that tells TLS from plain.
struct APIChannel: ServerChildChannel {
    private let http: HTTP1Channel
    private let tls: @Sendable () -> NIOSSLContext?
    private let allowsPlain: Bool

    init(
        endpoint: AWSEndpoint, limits: APIServerLimits, tls: @escaping @Sendable () -> NIOSSLContext?, allowsPlain: Bool
    ) {
        let responder = APIResponder(
            endpoint: endpoint, limits: limits, budget: BodyBudget(bytes: limits.maxLargeBodyBytes))
        self.tls = tls
        self.allowsPlain = allowsPlain
        self.http = HTTP1Channel(
            responder: { request, writer, channel in try await responder.respond(request, writer, channel) },
            configuration: .init(
                additionalChannelHandlers: [RequestGuard(limits: limits) { endpoint.responseTime(of: $0) }],
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.maxHeaderFieldBytes,
                    maxHeaderListSize: limits.maxHeaderBytes,
                    maxHeaderFieldCount: limits.maxHeaderCount)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        self.http.setup(channel: channel, logger: logger).flatMapThrowing { value in
            try channel.pipeline.syncOperations.addHandler(
                FirstByteHandler(tls: self.tls, allowsPlain: self.allowsPlain), position: .first)
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await self.http.handle(value: value, logger: logger)
    }
}
