internal import Foundation
internal import HTTPTypes
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOSSL

/// Closes connections that take too long, and answers what is not HTTP.
///
/// Sits between the HTTP codec and Hummingbird's connection, which has neither a time limit for a request that trickles in nor a body
/// for its answer to a malformed one.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limits: APIServerLimits
    private let responseTime: @Sendable (_ target: String) -> TimeAmount?
    private var deadlines: RequestDeadlines?
    private var timer: Scheduled<Void>?
    private var isRefusing = false

    /// - Parameter responseTime: what the response of a request to a target may take; nil for the usual.
    init(limits: APIServerLimits, responseTime: @escaping @Sendable (_ target: String) -> TimeAmount?) {
        self.limits = limits
        self.responseTime = responseTime
    }

    // MARK: Time

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { self.start(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.start(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.timer?.cancel()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.timer?.cancel()
        self.timer = nil
        context.fireChannelInactive()
    }

    private func start(_ context: ChannelHandlerContext) {
        guard self.deadlines == nil else { return }
        let deadlines = RequestDeadlines(limits: self.limits, now: .now())
        self.deadlines = deadlines
        self.schedule(context, at: deadlines.deadline)
    }

    /// One timer per connection: when it fires early because the deadline has moved, it is set again.
    private func schedule(_ context: ChannelHandlerContext, at deadline: NIODeadline) {
        self.timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            guard let deadline = self.deadlines?.deadline else { return }
            if deadline <= .now() {
                context.close(promise: nil)
            } else {
                self.schedule(context, at: deadline)
            }
        }
    }

    /// The timer must fire by a deadline that came nearer; one that moved away is found when it fires.
    private func update(_ context: ChannelHandlerContext, _ change: (inout RequestDeadlines, NIODeadline) -> Void) {
        guard var deadlines = self.deadlines else { return }
        let before = deadlines.deadline
        change(&deadlines, .now())
        self.deadlines = deadlines
        if deadlines.deadline < before, context.channel.isActive {
            self.timer?.cancel()
            self.schedule(context, at: deadlines.deadline)
        }
    }

    // MARK: Requests and responses

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isRefusing else { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            let time = self.responseTime(head.path ?? "/")
            self.update(context) { $0.receivedHead(now: $1, responseTime: time) }
        case .body: break
        case .end: self.update(context) { $0.receivedEnd(now: $1) }
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = Self.unwrapOutboundIn(data) {
            self.update(context) { $0.sentEnd(now: $1) }
        }
        context.write(data, promise: promise)
    }

    // MARK: Errors

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let isOfTransport = error is IOError || error is ChannelError || error is NIOSSLError || error is NIOSSLExtraError
        // An answer now would overtake the response that is being made.
        guard !isOfTransport, let deadlines = self.deadlines, deadlines.openRequests == 0, context.channel.isActive else {
            return context.fireErrorCaught(error)
        }
        guard !self.isRefusing else { return }
        self.isRefusing = true
        self.refuse(context, error)
    }

    private func refuse(_ context: ChannelHandlerContext, _ error: any Error) {
        let isTooLarge = error as? HTTPParserError == .headerOverflow
        let response = RefusalResponse.make(
            status: isTooLarge ? 431 : 400,
            errorType: isTooLarge ? "RequestHeaderFieldsTooLargeException" : "BadRequestException",
            message: isTooLarge ? "The request's headers are too large." : "The request is not well-formed HTTP/1.1.")
        context.write(Self.wrapOutboundOut(.head(response.head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(response.body)), promise: nil)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(Self.wrapOutboundOut(.end(nil))).whenComplete { _ in
            context.value.close(promise: nil)
        }
    }
}

/// The answer to what never became a request.
enum RefusalResponse {
    static func make(status: Int, errorType: String, message: String) -> (head: HTTPResponse, body: ByteBuffer) {
        let body = ByteBuffer(string: "{\"message\":\"\(message)\"}")
        let head = HTTPResponse(
            status: .init(code: status),
            headerFields: [
                .contentType: "application/json", .contentLength: String(body.readableBytes), .connection: "close",
                .amznErrorType: errorType, .amznRequestID: UUID().uuidString.lowercased(),
            ])
        return (head, body)
    }
}
