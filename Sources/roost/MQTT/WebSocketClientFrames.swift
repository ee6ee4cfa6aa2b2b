import NIOCore
import NIOWebSocket

/// Carries MQTT inside the client's side of a WebSocket (RFC 6455; MQTT 5.0 §6): binary frames, masked on the way out.
final class WebSocketClientFrames: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    /// A close frame was sent; nothing may follow it (RFC 6455 §5.5.1).
    private var hasSentClose = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        switch frame.opcode {
        // The borders of frames and messages mean nothing to MQTT.
        case .binary, .continuation: context.fireChannelRead(self.wrapInboundOut(frame.unmaskedData))
        case .ping: self.write(.pong, frame.unmaskedData, context: context)
        case .pong: break
        case .connectionClose: context.close(promise: nil)
        default: context.fireErrorCaught(MQTTClientError.malformed("a WebSocket frame that is not binary"))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder's complaint; the handler before this one has sent the close frame.
        context.fireErrorCaught(error is NIOWebSocketError ? MQTTClientError.malformed("a WebSocket frame (\(error))") : error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !self.hasSentClose else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        let frame = WebSocketFrame(fin: true, opcode: .binary, maskKey: .random(), data: self.unwrapOutboundIn(data))
        context.write(self.wrapOutboundOut(frame), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        var code = ByteBuffer()
        code.write(webSocketErrorCode: .normalClosure)
        self.write(.connectionClose, code, context: context)
        self.hasSentClose = true
        context.close(mode: mode, promise: promise)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, context: ChannelHandlerContext) {
        guard !self.hasSentClose else { return }
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
        context.writeAndFlush(self.wrapOutboundOut(frame), promise: nil)
    }
}
