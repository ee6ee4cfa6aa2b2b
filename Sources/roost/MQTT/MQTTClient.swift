import NIOCore

/// A connection to an MQTT 5 server that listens: it subscribes with QoS 1 and hands out the messages in their order.
///
/// The session ends with the connection. A message is acknowledged when the next one is asked for, so the server sends no more than
/// `MQTTClientLimits.receiveMaximum` ahead and keeps the others.
struct MQTTClient: Sendable {
    private let channel: any Channel
    private let handler: NIOLoopBound<MQTTClientHandler>
    /// For one reader. Ends by throwing the `MQTTClientError` that ended the connection, or without one when the reading task is cancelled.
    let messages: MQTTMessages

    /// Puts MQTT on a connection that carries bytes. On the channel's event loop.
    init(on channel: any Channel, clientID: String, limits: MQTTClientLimits) throws {
        let (stream, continuation) = MQTTClientHandler.Deliveries.makeStream(bufferingPolicy: .bufferingOldest(limits.maxWaitingMessages))
        let handler = MQTTClientHandler(clientID: clientID, limits: limits, deliveries: continuation)
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        self.messages = MQTTMessages(stream: stream, channel: channel, handler: self.handler)
        try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(ServerPacketDecoder(maxPacketBytes: limits.maxPacketBytes)))
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Says CONNECT and returns with the CONNACK.
    ///
    /// - Throws: `MQTTClientError`.
    func connect() async throws {
        let promise = self.channel.eventLoop.makePromise(of: Void.self)
        self.channel.eventLoop.execute { [handler] in handler.value.connect(promise) }
        try await promise.futureResult.get()
    }

    /// Returns when the server has granted all of the filters: from then on no message is missed.
    ///
    /// - Parameter filters: AWS IoT Core takes at most eight in one SUBSCRIBE.
    /// - Throws: `MQTTClientError`.
    func subscribe(_ filters: [String]) async throws {
        let promise = self.channel.eventLoop.makePromise(of: Void.self)
        self.channel.eventLoop.execute { [handler] in handler.value.subscribe(filters, promise) }
        try await promise.futureResult.get()
    }

    /// Says goodbye and closes the connection.
    func disconnect() async {
        self.channel.eventLoop.execute { [handler] in handler.value.disconnect() }
        try? await self.channel.closeFuture.get()
    }
}

/// The messages of a connection.
struct MQTTMessages: AsyncSequence, Sendable {
    fileprivate let stream: MQTTClientHandler.Deliveries
    fileprivate let channel: any Channel
    fileprivate let handler: NIOLoopBound<MQTTClientHandler>

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: MQTTClientHandler.Deliveries.Iterator
        fileprivate let channel: any Channel
        fileprivate let handler: NIOLoopBound<MQTTClientHandler>
        /// Of the message that was handed out last, until it is acknowledged.
        private var packetID: UInt16?

        fileprivate init(_ messages: MQTTMessages) {
            self.base = messages.stream.makeAsyncIterator()
            self.channel = messages.channel
            self.handler = messages.handler
        }

        mutating func next() async throws -> MQTTMessage? {
            if let packetID = self.packetID {
                self.channel.eventLoop.execute { [handler] in handler.value.acknowledge(packetID) }
                self.packetID = nil
            }
            guard let delivery = try await self.base.next() else { return nil }
            self.packetID = delivery.packetID
            return delivery.message
        }
    }

    func makeAsyncIterator() -> Iterator { Iterator(self) }
}
