import AWSAPI
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

extension MQTTClient {
    /// The bytes of one WebSocket frame.
    private static let maxFrameBytes = 1 << 24

    /// Connects through a WebSocket over TLS.
    ///
    /// - Throws: `MQTTClientError`. A cancelled task ends with an error soon.
    static func connect(
        to target: WebSocketTarget, clientID: String, limits: MQTTClientLimits = MQTTClientLimits()
    ) async throws -> MQTTClient {
        let opening = try await Self.open(target, clientID: clientID, limits: limits)
        let channel = opening.channel
        let deadline = channel.eventLoop.scheduleTask(in: limits.connectTimeout) {
            channel.pipeline.fireErrorCaught(MQTTClientError.silent)
        }
        defer { deadline.cancel() }
        do {
            return try await withTaskCancellationHandler {
                let client = try await opening.client.get()
                // Not before the upgrade is over: until then nothing may be written.
                try await client.connect()
                return client
            } onCancel: {
                channel.pipeline.fireErrorCaught(MQTTClientError.closed)
            }
        } catch {
            channel.close(promise: nil)
            throw error as? MQTTClientError ?? MQTTClientError.unreachable("\(error)")
        }
    }

    /// A connection whose TLS and WebSocket handshakes run.
    private struct Opening: Sendable {
        let channel: any Channel
        /// After the WebSocket was granted.
        let client: EventLoopFuture<MQTTClient>
    }

    private static func open(_ target: WebSocketTarget, clientID: String, limits: MQTTClientLimits) async throws -> Opening {
        do {
            let tls = try Self.tls(target)
            return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(limits.connectTimeout)
                .connect(host: target.host, port: target.port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try Self.start(on: channel, tls: tls, target: target, clientID: clientID, limits: limits)
                    }
                }
        } catch {
            throw MQTTClientError.unreachable("\(error)")
        }
    }

    private static func tls(_ target: WebSocketTarget) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(target.caFile)
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .seconds(1)
        return try NIOSSLContext(configuration: configuration)
    }

    private static func start(
        on channel: any Channel, tls: NIOSSLContext, target: WebSocketTarget, clientID: String, limits: MQTTClientLimits
    ) throws -> Opening {
        // A server name indication is a name; an address is checked against the certificate by itself.
        let isAddress = (try? SocketAddress(ipAddress: target.host, port: target.port)) != nil
        try channel.pipeline.syncOperations.addHandler(
            NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : target.host))
        // The result is a future, because what a refusal says comes after the decision.
        let upgrader = NIOTypedWebSocketClientUpgrader<EventLoopFuture<MQTTClient>>(maxFrameSize: Self.maxFrameBytes) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(WebSocketClientFrames())
                let client = try MQTTClient(on: channel, clientID: clientID, limits: limits)
                return channel.eventLoop.makeSucceededFuture(client)
            }
        }
        let upgrade = NIOTypedHTTPClientUpgradeConfiguration(
            upgradeRequestHead: Self.request(target), upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in Self.refusal(on: channel) })
        var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
        configuration.leftOverBytesStrategy = .forwardBytes
        let client = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration)
            .flatMap { $0 }
        return Opening(channel: channel, client: client)
    }

    private static func request(_ target: WebSocketTarget) -> HTTPRequestHead {
        let now = SigningTime(seconds: Int64(Date().timeIntervalSince1970))
        let headers: HTTPHeaders = ["Host": target.authority, "Sec-WebSocket-Protocol": WebSocketTarget.subprotocol]
        return HTTPRequestHead(version: .http1_1, method: .GET, uri: target.signedTarget(at: now), headers: headers)
    }

    private static func refusal(on channel: any Channel) -> EventLoopFuture<EventLoopFuture<MQTTClient>> {
        channel.eventLoop.makeCompletedFuture {
            let promise = channel.eventLoop.makePromise(of: MQTTClient.self)
            try channel.pipeline.syncOperations.addHandler(UpgradeRefusalReader(promise))
            return promise.futureResult
        }
    }
}
