import AWSAPI
import HTTPTypes
import Logging
import NIOCore
import NIOHTTP1
import NIOWebSocket

/// The HTTP end of a device connection: gathers one request at a time, inside its limits, and writes the answer of the AWS endpoint.
///
/// `HTTPServerPipelineHandler` stands before it, so the next request comes only when this one is answered.
final class HTTPRequestHandler: ChannelInboundHandler, RemovableChannelHandler, NIOScheduledCallbackHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private enum State {
        /// Between requests. Can transition to: `receiving`, `refusing`.
        case idle
        /// Can transition to: `answering`, `refusing`.
        case receiving(HTTPRequestHead, ByteBuffer)
        /// Can transition to: `idle`, `closing`.
        case answering
        /// The answer is written before the request was read to its end; the rest is thrown away until the channel closes.
        case closing
    }

    private let exchange: HTTPExchange
    private var state = State.idle
    private var deadline: NIOScheduledCallback?
    private var context: ChannelHandlerContext?

    init(exchange: HTTPExchange) {
        self.exchange = exchange
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        self.setDeadline(self.exchange.limits.idleTimeout)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.deadline?.cancel()
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.receivedHead(head, context: context)
        case .body(let bytes): self.receivedBody(bytes, context: context)
        case .end: self.receivedEnd(context: context)
        }
    }

    private func receivedHead(_ head: HTTPRequestHead, context: ChannelHandlerContext) {
        guard case .idle = self.state else { return }
        if let refusal = self.exchange.upgrade.takeRefusal() {
            self.refuse(refusal, head: head, context: context)
            return
        }
        let announced = head.headers.first(name: "content-length").flatMap(Int.init) ?? 0
        guard announced <= self.exchange.limits.maxBodyBytes else {
            self.refuseTooLarge(head: head, context: context)
            return
        }
        self.state = .receiving(head, ByteBuffer())
        self.setDeadline(self.exchange.limits.requestTimeout)
        if head.version == .http1_1, head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            let interim = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(self.wrapOutboundOut(.head(interim)), promise: nil)
        }
    }

    private func receivedBody(_ bytes: ByteBuffer, context: ChannelHandlerContext) {
        guard case .receiving(let head, var body) = self.state else { return }
        guard body.readableBytes + bytes.readableBytes <= self.exchange.limits.maxBodyBytes else {
            self.refuseTooLarge(head: head, context: context)
            return
        }
        // The state lets go of its copy first, so that the body is appended to in place.
        self.state = .closing
        body.writeImmutableBuffer(bytes)
        self.state = .receiving(head, body)
    }

    private func receivedEnd(context: ChannelHandlerContext) {
        guard case .receiving(let head, let body) = self.state else { return }
        self.state = .answering
        self.deadline?.cancel()
        let request = self.exchange.request(head, body: body, from: context.remoteAddress)
        let respond = self.exchange.respond
        let promise = context.eventLoop.makePromise(of: APIResponse.self)
        promise.completeWithTask { await respond(request) }
        promise.futureResult.assumeIsolated().whenSuccess { [self] response in
            guard let context = self.context, case .answering = self.state else { return }
            self.write(response, to: head, keepAlive: head.isKeepAlive, context: context)
        }
    }

    // MARK: Answers

    private func refuseTooLarge(head: HTTPRequestHead, context: ChannelHandlerContext) {
        self.exchange.metrics.refused(.requestTooLarge)
        let limit = self.exchange.limits.maxBodyBytes
        let error = AWSError.requestEntityTooLarge("The request body is larger than \(limit) bytes.")
        self.refuse(self.exchange.refuse(error), head: head, context: context)
    }

    /// Answers and closes.
    private func refuse(_ response: APIResponse, head: HTTPRequestHead, context: ChannelHandlerContext) {
        self.write(response, to: head, keepAlive: false, context: context)
    }

    private func write(_ response: APIResponse, to head: HTTPRequestHead, keepAlive: Bool, context: ChannelHandlerContext) {
        self.state = keepAlive ? .idle : .closing
        var headers = HTTPHeaders()
        for field in response.headers where field.name != .contentLength {
            headers.add(name: field.name.rawName, value: field.value)
        }
        headers.add(name: "content-length", value: String(response.body.readableBytes))
        if !keepAlive {
            headers.replaceOrAdd(name: "connection", value: "close")
        } else if head.version == .http1_0 {
            headers.replaceOrAdd(name: "connection", value: "keep-alive")
        }
        let answer = HTTPResponseHead(version: head.version, status: .init(statusCode: response.status), headers: headers)
        context.write(self.wrapOutboundOut(.head(answer)), promise: nil)
        if head.method != .HEAD, response.body.readableBytes > 0 {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(response.body))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        if !keepAlive {
            written.futureResult.assumeIsolated().whenComplete { _ in self.context?.close(promise: nil) }
        }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: written)
        self.setDeadline(self.exchange.limits.idleTimeout)
    }

    // MARK: Time

    private func setDeadline(_ amount: TimeAmount) {
        self.deadline?.cancel()
        self.deadline = self.context.flatMap { LoopTimer.schedule(self, in: amount, on: $0.eventLoop) }
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        if case .receiving = self.state { self.exchange.metrics.refused(.requestTimeout) }
        self.context?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A refused upgrade goes on as a request, and its answer says why.
        if error is NIOWebSocketUpgradeError || error is HTTPServerUpgradeErrors { return }
        // What does not even begin like HTTP gets no HTTP answer, and an answer now must not overtake the one that is being made.
        let isMalformed = error is HTTPParserError && (error as? HTTPParserError) != .invalidMethod
        switch self.state {
        case .idle where isMalformed, .receiving where isMalformed:
            let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")
            self.refuse(self.exchange.refuse(.invalidRequest("The request is not well-formed HTTP/1.1.")), head: head, context: context)
        case .idle, .receiving, .answering, .closing:
            context.close(promise: nil)
        }
    }
}
