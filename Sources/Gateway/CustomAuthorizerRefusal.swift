import NIOCore

/// Answers the CONNECT of a client that asked for a custom authorizer (ALPN `mqtt`) with a refusal that the client understands, then
/// closes: this version offers no authorizers.
final class CustomAuthorizerRefusal: ChannelInboundHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Enough for the fixed header, the protocol name and the level.
    private static let maxBytes = 64
    private static let timeout = TimeAmount.seconds(10)

    private var received = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var deadline: NIOScheduledCallback?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.deadline = LoopTimer.schedule(self, in: Self.timeout, on: context.eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.context = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        self.context?.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = self.unwrapInboundIn(data)
        self.received.writeBytes(bytes.readableBytesView.prefix(Self.maxBytes - self.received.readableBytes))
        switch Self.protocolLevel(self.received) {
        case .incomplete where self.received.readableBytes < Self.maxBytes: return
        case .incomplete, .notConnect: context.close(promise: nil)
        case .level(let level):
            // MQTT 5.0 §3.2.2.2: 0x87 Not authorized; MQTT 3.1.1 §3.2.2.3: 5.
            let refusal: [UInt8] = level >= 5 ? [0x20, 3, 0, 0x87, 0] : [0x20, 2, 0, 5]
            context.writeAndFlush(self.wrapOutboundOut(ByteBuffer(bytes: refusal)), promise: nil)
            context.close(promise: nil)
        }
    }

    enum Level: Equatable {
        case incomplete
        case notConnect
        case level(UInt8)
    }

    /// The protocol level of a CONNECT packet (MQTT 5.0 §3.1.2.2).
    static func protocolLevel(_ bytes: ByteBuffer) -> Level {
        var bytes = bytes
        guard let type: UInt8 = bytes.readInteger() else { return .incomplete }
        guard type == 0x10 else { return .notConnect }
        for index in 0..<4 {
            guard let length: UInt8 = bytes.readInteger() else { return .incomplete }
            if length & 0x80 == 0 { break }
            if index == 3 { return .notConnect }
        }
        guard let nameBytes: UInt16 = bytes.readInteger() else { return .incomplete }
        guard nameBytes <= 6 else { return .notConnect }
        guard bytes.readSlice(length: Int(nameBytes)) != nil, let level: UInt8 = bytes.readInteger() else { return .incomplete }
        return .level(level)
    }
}
