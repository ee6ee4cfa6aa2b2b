import NIOCore
import NIOWebSocket

/// Carries MQTT inside WebSocket frames (RFC 6455; MQTT 5.0 §6): binary frames only, whose borders mean nothing to MQTT, so the content
/// of each frame is passed on as it comes.
final class WebSocketFrameHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    private let metrics: GatewayMetrics
    /// A close frame was sent; nothing may follow it (RFC 6455 §5.5.1).
    private var hasSentClose = false
    /// A message was begun and not finished: only continuations may come (RFC 6455 §5.4).
    private var isInsideMessage = false

    init(metrics: GatewayMetrics) {
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        guard !self.hasSentClose else { return }
        guard frame.maskKey != nil else {
            self.fail(.protocolError, context: context)
            return
        }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            self.fail(.protocolError, context: context)
            return
        }
        switch frame.opcode {
        case .binary: self.receivedData(frame, isContinuation: false, context: context)
        case .continuation: self.receivedData(frame, isContinuation: true, context: context)
        case .ping: self.receivedPing(frame, context: context)
        case .pong: break
        case .connectionClose: self.receivedClose(frame, context: context)
        // [MQTT-6.0.0-1] MQTT travels in binary frames; anything else closes the connection.
        case .text: self.fail(.unacceptableData, context: context)
        default: self.fail(.protocolError, context: context)
        }
    }

    private func receivedData(_ frame: WebSocketFrame, isContinuation: Bool, context: ChannelHandlerContext) {
        guard isContinuation == self.isInsideMessage else {
            self.fail(.protocolError, context: context)
            return
        }
        self.isInsideMessage = !frame.fin
        let bytes = frame.unmaskedData
        if bytes.readableBytes > 0 { context.fireChannelRead(self.wrapInboundOut(bytes)) }
    }

    private func receivedPing(_ frame: WebSocketFrame, context: ChannelHandlerContext) {
        // RFC 6455 §5.5: a control frame is whole and at most 125 bytes long.
        guard frame.fin, frame.length <= 125 else {
            self.fail(.protocolError, context: context)
            return
        }
        let pong = WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData)
        context.writeAndFlush(self.wrapOutboundOut(pong), promise: nil)
    }

    private func receivedClose(_ frame: WebSocketFrame, context: ChannelHandlerContext) {
        self.hasSentClose = true
        var code = frame.unmaskedData
        let answer = WebSocketFrame(fin: true, opcode: .connectionClose, data: code.readSlice(length: 2) ?? ByteBuffer())
        context.writeAndFlush(self.wrapOutboundOut(answer), promise: nil)
        context.close(promise: nil)
    }

    private func fail(_ code: WebSocketErrorCode, context: ChannelHandlerContext) {
        self.metrics.refused(.webSocketProtocol)
        self.sendClose(code, context: context)
        context.close(promise: nil)
    }

    private func sendClose(_ code: WebSocketErrorCode, context: ChannelHandlerContext) {
        guard !self.hasSentClose else { return }
        self.hasSentClose = true
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        context.writeAndFlush(self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: .connectionClose, data: data)), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.hasSentClose else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        let bytes = self.unwrapOutboundIn(data)
        context.write(self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: .binary, data: bytes)), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .all { self.sendClose(.normalClosure, context: context) }
        context.close(mode: mode, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder's complaint: a frame that is too long or malformed. The handler before this one sends the close frame.
        if error is NIOWebSocketError {
            self.metrics.refused(.webSocketProtocol)
            self.hasSentClose = true
        }
        context.fireErrorCaught(error)
    }
}
