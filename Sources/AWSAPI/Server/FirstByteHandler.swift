internal import NIOCore
internal import NIOSSL

/// Tells TLS from plain HTTP by a connection's first byte: 0x16 opens a TLS handshake (RFC 8446 §5.1), and no HTTP method begins so.
///
/// First in the pipeline; it removes itself when it has decided.
final class FirstByteHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let tlsHandshake: UInt8 = 0x16

    /// Asked anew for each connection, so that a reloaded certificate serves the next one. Nil: TLS is not offered.
    private let tls: @Sendable () -> NIOSSLContext?
    private let allowsPlain: Bool
    private var hasDecided = false

    init(tls: @escaping @Sendable () -> NIOSSLContext?, allowsPlain: Bool) {
        self.tls = tls
        self.allowsPlain = allowsPlain
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        guard !self.hasDecided, let first = bytes.getInteger(at: bytes.readerIndex, as: UInt8.self) else {
            return context.fireChannelRead(data)
        }
        self.hasDecided = true
        if first == Self.tlsHandshake {
            self.startTLS(context, data)
        } else if self.allowsPlain {
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } else {
            self.refusePlain(context)
        }
    }

    private func startTLS(_ context: ChannelHandlerContext, _ data: NIOAny) {
        guard let tls = self.tls() else { return context.close(promise: nil) }
        do {
            try context.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls), position: .after(self))
            context.fireChannelRead(data)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        } catch {
            context.fireErrorCaught(error)
            context.close(promise: nil)
        }
    }

    private func refusePlain(_ context: ChannelHandlerContext) {
        let message = "This address serves HTTPS only: use https://, or start the server with --allow-plain-http."
        let body = "{\"message\":\"\(message)\"}"
        let response = """
            HTTP/1.1 400 Bad Request\r
            content-type: application/json\r
            x-amzn-errortype: BadRequestException\r
            content-length: \(body.utf8.count)\r
            connection: close\r
            \r
            \(body)
            """
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: response))).whenComplete { _ in
            bound.value.close(promise: nil)
        }
    }
}
