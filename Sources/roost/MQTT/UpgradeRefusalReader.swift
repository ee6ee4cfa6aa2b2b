import JSON
import NIOCore
import NIOHTTP1

/// Reads the answer to a request for a WebSocket that was not granted.
final class UpgradeRefusalReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    /// Bytes of the answer that are looked at.
    private static let maxBytes = 4096

    private var promise: EventLoopPromise<MQTTClient>?
    private var status = 0
    private var body = ByteBuffer()

    /// - Parameter promise: fails with what was answered.
    init(_ promise: EventLoopPromise<MQTTClient>) {
        self.promise = promise
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.status = Int(head.status.code)
        case .body(var part):
            guard var taken = part.readSlice(length: min(part.readableBytes, Self.maxBytes - self.body.readableBytes)) else { return }
            self.body.writeBuffer(&taken)
        case .end: self.finish(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.finish(context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.finish(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.finish(context)
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard let promise = self.promise else { return }
        self.promise = nil
        let json = try? JSONValue(parsing: self.body.readableBytesView)
        let message = json?["message"]?.stringValue ?? String(buffer: self.body)
        promise.fail(MQTTClientError.upgradeRefused(status: self.status, message: message))
        context.close(promise: nil)
    }
}
