import Logging
import NIOCore
import NIOSSL
import NIOTLS

/// Stands at the end of a fresh TLS connection until the handshake is over, then hands the channel on and leaves the pipeline.
///
/// It closes connections whose handshake takes too long, and it verifies the certificate of a resumed session: TLS does not run the
/// verification callback for those, so a certificate that was revoked since would come back with a session ticket.
final class TLSGreeting: ChannelInboundHandler, RemovableChannelHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private enum State {
        /// Can transition to: `checkingResumed`, `refused`, `done`.
        case handshaking
        /// Input waits for the look-up. Can transition to: `refused`, `done`.
        case checkingResumed(waiting: [ByteBuffer])
        /// It is being closed: what still comes counts no more.
        case refused
        case done
    }

    private let peer: TLSPeer
    private let verifier: CertificateVerifier
    private let metrics: GatewayMetrics
    private let logger: Logger
    private let timeout: TimeAmount
    /// Adds the handlers of what the channel will speak; on the channel's event loop.
    private let proceed: (any Channel, TLSPeer, _ applicationProtocol: String?) throws -> Void
    private var state = State.handshaking
    private var deadline: NIOScheduledCallback?
    private var context: ChannelHandlerContext?

    init(
        peer: TLSPeer, verifier: CertificateVerifier, metrics: GatewayMetrics, logger: Logger, timeout: TimeAmount,
        proceed: @escaping (any Channel, TLSPeer, String?) throws -> Void
    ) {
        self.peer = peer
        self.verifier = verifier
        self.metrics = metrics
        self.logger = logger
        self.timeout = timeout
        self.proceed = proceed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.deadline = LoopTimer.schedule(self, in: self.timeout, on: context.eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.context = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        self.metrics.refused(.handshakeTimeout)
        self.context?.channel.close(mode: .all, promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.state {
        case .checkingResumed(var waiting):
            self.state = .done
            waiting.append(self.unwrapInboundIn(data))
            self.state = .checkingResumed(waiting: waiting)
        case .handshaking, .done:
            context.fireChannelRead(data)
        case .refused: break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .handshakeCompleted(let name)? = event as? TLSUserEvent, case .handshaking = self.state else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        self.metrics.handshakeCompleted()
        if self.peer.certificateID == nil, let certificate = self.resumedCertificate(context) {
            self.checkResumed(certificate, applicationProtocol: name, context: context)
        } else {
            self.finish(applicationProtocol: name, waiting: [], context: context)
        }
    }

    private func resumedCertificate(_ context: ChannelHandlerContext) -> NIOSSLCertificate? {
        (try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self))?.peerCertificate
    }

    private func checkResumed(_ certificate: NIOSSLCertificate, applicationProtocol: String?, context: ChannelHandlerContext) {
        switch self.verifier.verify([certificate], of: self.peer, on: context.channel) {
        case .now(isAdmitted: true): self.finish(applicationProtocol: applicationProtocol, waiting: [], context: context)
        case .now(isAdmitted: false): self.refuse(context)
        case .later(let isAdmitted): self.wait(for: isAdmitted, applicationProtocol: applicationProtocol, context: context)
        }
    }

    private func wait(for isAdmitted: EventLoopFuture<Bool>, applicationProtocol: String?, context: ChannelHandlerContext) {
        self.state = .checkingResumed(waiting: [])
        // Bounds what can wait: nothing more is read from the socket until the answer is there.
        context.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        isAdmitted.assumeIsolated().whenComplete { [self] result in
            guard let context = self.context, case .checkingResumed(let waiting) = self.state else { return }
            guard case .success(true) = result else { return self.refuse(context) }
            self.finish(applicationProtocol: applicationProtocol, waiting: waiting, context: context)
            context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
        }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        self.state = .refused
        context.close(promise: nil)
    }

    private func finish(applicationProtocol: String?, waiting: [ByteBuffer], context: ChannelHandlerContext) {
        self.state = .done
        self.deadline?.cancel()
        do {
            try self.proceed(context.channel, self.peer, applicationProtocol)
        } catch {
            self.logger.debug("closed a connection: \(error)")
            context.close(promise: nil)
            return
        }
        for buffer in waiting { context.fireChannelRead(self.wrapInboundOut(buffer)) }
        if !waiting.isEmpty { context.fireChannelReadComplete() }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch self.state {
        case .handshaking, .checkingResumed:
            self.metrics.refused(.handshakeFailed)
            self.logger.debug("a TLS handshake failed: \(error)", metadata: ["address": "\(context.remoteAddress?.ipAddress ?? "")"])
            context.close(promise: nil)
        case .refused: break
        case .done:
            context.fireErrorCaught(error)
        }
    }
}
