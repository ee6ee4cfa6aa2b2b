import NIOCore

/// Runs a `MQTTClientMachine` on a connection and hands its messages to a stream. Touched on the connection's event loop only.
final class MQTTClientHandler: ChannelInboundHandler {
    typealias InboundIn = ServerPacket
    typealias OutboundOut = ByteBuffer
    typealias Waiter = EventLoopPromise<Void>

    /// A message, and the packet id to acknowledge when it has been dealt with.
    struct Delivery: Sendable {
        let message: MQTTMessage
        let packetID: UInt16?
    }

    typealias Deliveries = AsyncThrowingStream<Delivery, any Error>

    private var machine = MQTTClientMachine<Waiter>()
    private let clientID: String
    private let limits: MQTTClientLimits
    private let deliveries: Deliveries.Continuation
    private var context: ChannelHandlerContext?
    private var pings: RepeatedTask?

    init(clientID: String, limits: MQTTClientLimits, deliveries: Deliveries.Continuation) {
        self.clientID = clientID
        self.limits = limits
        self.deliveries = deliveries
    }

    // MARK: Events of the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.end(.closed)
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.machine.received(self.unwrapInboundIn(data)) {
        case .none: break
        case .connected(let waiter, let keepAliveSeconds):
            self.startPings(keepAliveSeconds: keepAliveSeconds ?? self.limits.keepAliveSeconds)
            waiter.succeed()
        case .deliver(let message, let packetID): self.deliver(Delivery(message: message, packetID: packetID))
        case .subscribed(let waiter): waiter.succeed()
        case .refuse(let waiter, let error): waiter.fail(error)
        case .end(let ending): self.finish(ending)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.end(.closed)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.end(error as? MQTTClientError ?? .failed("\(error)"))
    }

    // MARK: Calls of the client

    /// - Parameter waiter: completes with the CONNACK.
    func connect(_ waiter: Waiter) {
        switch self.machine.connect(waiter) {
        case .send:
            self.send(
                .connect(
                    clientID: self.clientID, keepAliveSeconds: self.limits.keepAliveSeconds, receiveMaximum: self.limits.receiveMaximum,
                    maxPacketBytes: UInt32(clamping: self.limits.maxPacketBytes)))
        case .refuse(let waiter, let error): waiter.fail(error)
        }
    }

    func subscribe(_ filters: [String], _ waiter: Waiter) {
        switch self.machine.subscribe(filters, waiter) {
        case .send(let packetID): self.send(.subscribe(packetID: packetID, filters: filters))
        case .refuse(let waiter, let error): waiter.fail(error)
        }
    }

    func acknowledge(_ packetID: UInt16) {
        self.send(.puback(packetID: packetID))
    }

    func disconnect() {
        self.send(.disconnect)
        self.end(.closed)
    }

    /// Ends the connection, if it has not ended before.
    func end(_ error: MQTTClientError) {
        if let ending = self.machine.end(error) { self.finish(ending) }
    }

    // MARK: Work

    private func deliver(_ delivery: Delivery) {
        // The receive maximum bounds what waits with QoS 1; only a server that does not keep to it comes here with more.
        if case .dropped = self.deliveries.yield(delivery) { self.end(.tooManyMessages) }
    }

    private func startPings(keepAliveSeconds: UInt16) {
        guard keepAliveSeconds > 0, let context = self.context else { return }
        let interval = TimeAmount.milliseconds(Int64(keepAliveSeconds) * 1000 / 3)
        let confined = NIOLoopBound(self, eventLoop: context.eventLoop)
        self.pings = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in confined.value.hitPingTime() }
    }

    private func hitPingTime() {
        switch self.machine.hitPingTime() {
        case .none: break
        case .send: self.send(.pingreq)
        case .end(let ending): self.finish(ending)
        }
    }

    private func finish(_ ending: MQTTClientMachine<Waiter>.Ending) {
        self.pings?.cancel()
        for waiter in ending.waiters { waiter.fail(ending.error) }
        self.deliveries.finish(throwing: ending.error)
        self.context?.close(promise: nil)
    }

    private func send(_ packet: ClientPacket) {
        guard let context = self.context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 256)
        packet.write(into: &buffer)
        context.writeAndFlush(self.wrapOutboundOut(buffer), promise: nil)
    }
}
