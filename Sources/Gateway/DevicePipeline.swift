import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Puts together the handlers of an accepted connection, up to the point where it speaks MQTT or HTTP.
struct DevicePipeline: Sendable {
    let verifier: CertificateVerifier
    let limits: GatewayLimits
    let metrics: GatewayMetrics
    let logger: Logger

    /// Begins TLS as soon as a ClientHello has come: a connection that never sends one costs neither a TLS state nor its buffers.
    ///
    /// - Parameters:
    ///   - context: the TLS context for connections of now.
    ///   - proceed: adds the handlers of the application protocol, once the peer is known.
    func startTLS(
        _ channel: any Channel, context: @escaping @Sendable () -> NIOSSLContext,
        proceed: @escaping (any Channel, TLSPeer, _ applicationProtocol: String?) throws -> Void
    ) throws {
        let peer = TLSPeer()
        let greeting = TLSGreeting(
            peer: peer, verifier: self.verifier, metrics: self.metrics, logger: self.logger, timeout: self.limits.handshakeTimeout,
            proceed: proceed)
        let pipeline = channel.pipeline.syncOperations
        let sni = SNIHandler { [verifier] result in
            if case .hostname(let name) = result { peer.serverName = name }
            return channel.eventLoop.makeCompletedFuture {
                let handler = Self.tlsHandler(context(), peer: peer, verifier: verifier, channel: channel)
                try channel.pipeline.syncOperations.addHandler(handler, position: .before(greeting))
            }
        }
        try pipeline.addHandler(ByteToMessageHandler(sni))
        try pipeline.addHandler(greeting)
    }

    private static func tlsHandler(
        _ context: NIOSSLContext, peer: TLSPeer, verifier: CertificateVerifier, channel: any Channel
    ) -> NIOSSLServerHandler {
        NIOSSLServerHandler(
            context: context,
            customVerificationCallback: { chain, promise in
                switch verifier.verify(chain, of: peer, on: channel) {
                case .now(let isAdmitted): promise.succeed(isAdmitted ? .certificateVerified : .failed)
                case .later(let isAdmitted): isAdmitted.map { $0 ? .certificateVerified : .failed }.cascade(to: promise)
                }
            })
    }
}
