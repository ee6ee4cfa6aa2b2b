import Logging
package import NIOCore

/// One MQTT connection: takes bytes, answers with bytes (MQTT 3.1.1 and 5.0).
///
/// It is the last handler of its channel and gives `ByteBuffer`s both ways. All of it runs on the channel's event loop, which is the
/// unchecked claim; the packets are decoded in place and their answers appended to one output buffer that is written once a tick.
package final class MQTTConnectionHandler: ChannelDuplexHandler, @unchecked Sendable {
    package typealias InboundIn = ByteBuffer
    package typealias OutboundIn = Never
    package typealias OutboundOut = ByteBuffer

    enum State {
        /// Waits for CONNECT. Can transition to: `connecting`, `closing`.
        case waiting
        /// The authoriser or the session's loop has it. Can transition to: `connected`, `closing`.
        case connecting
        /// Can transition to: `closing`.
        case connected
        /// Its last bytes are being written. Can transition to: `closed`.
        case closing
        case closed
    }

    let shard: Shard
    let profile: Profile
    package let facts: ConnectionFacts
    var state = State.waiting
    var context: ChannelHandlerContext?
    /// Its place in the loop's list of connections.
    private var slot = 0

    // MARK: Input
    private(set) var unread: ByteBuffer?
    var isReadHeld = false
    var hasHeldRead = false
    var lastInput = NIODeadline.now()

    // MARK: Output
    var output = ByteBuffer()
    var isDirty = false
    var isWritable = true
    var isInactive = false
    var closeDeadline: NIODeadline?

    // MARK: The session
    var session: Session?
    var authority: (any ConnectionAuthority)? {
        didSet { self.findAddedProperties() }
    }
    var thingName: String?
    var version: UInt8 = 4 {
        didSet { self.chooseOutput() }
    }
    var clientID = ""
    var keepAliveSeconds = 0
    /// The most QoS 1 and 2 messages that may be unacknowledged towards the client.
    var sendLimit = 0
    var clientMaxPacketBytes = UInt32.max
    var wantsReasonStrings = true
    var acknowledgements = PendingAcknowledgements()
    var inboundAliases: [[UInt8]?] = []
    var outboundAliases: OutboundAliases?
    var decisions = DecisionCache()
    /// The route of the last publish: most clients keep to one topic.
    var lastRoute: Route?
    var mayPublishOnLastRoute = false
    /// What its messages get beside their own properties (MQTT 5.0 §2.2.2, without a length).
    private(set) var addedProperties: [UInt8] = []
    var rates: RateLimiter?
    var activityInterest: ActivityInterest = [] {
        didSet { self.chooseOutput() }
    }
    /// Messages go out as MQTT 3.1.1 and nobody wants to know: most of them do, and this is the one look that they cost.
    private(set) var hasPlainOutput = true
    var resends: ResendSchedule?
    let connectedAt = NIODeadline.now()
    /// Of lifecycle events: one for each connection.
    private(set) lazy var sessionIdentifier = RandomIdentifier.make()
    /// Of lifecycle events: rises with each connection of the client.
    var versionNumber: Int64 { self.session.map { Int64($0.connectionCount) } ?? self.lastVersionNumber }
    var lastVersionNumber: Int64 = 0
    var assignedClientID: String?
    /// The server decides the keep-alive and says so in CONNACK.
    var tellsKeepAlive = false
    var grantedSessionExpiry: UInt32?
    var requestedSessionExpiry: UInt32 = 0

    init(shard: Shard, facts: ConnectionFacts) {
        self.shard = shard
        self.profile = shard.profile
        self.facts = facts
    }

    private func chooseOutput() {
        self.hasPlainOutput = self.version == 4 && !self.activityInterest.contains(.publishOut)
    }

    func findAddedProperties() {
        self.addedProperties = self.authority?.addedProperties.encoded() ?? []
    }

    var isOpen: Bool { self.state == .connecting || self.state == .connected || self.state == .waiting }
    /// CONNACK was sent.
    var isReadyForMessages: Bool { self.state == .connected }

    // MARK: The channel

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // What may wait in the channel itself; what is beyond waits in `output`, whose bound is in the profile.
        _ = context.channel.setOption(.writeBufferWaterMark, value: .init(low: 64 << 10, high: 256 << 10))
        self.slot = self.shard.connections.count
        self.shard.connections.append(self)
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        guard self.shard.connections.indices.contains(self.slot), self.shard.connections[self.slot] === self else { return }
        self.shard.connections.swapAt(self.slot, self.shard.connections.count - 1)
        self.shard.connections[self.slot].slot = self.slot
        self.shard.connections.removeLast()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = self.unwrapInboundIn(data)
        if var waiting = self.unread {
            self.unread = nil
            waiting.writeBuffer(&buffer)
            buffer = waiting
        }
        self.consume(&buffer)
        self.keepUnread(buffer)
        // Packets are not handled until the client is let in.
        if self.state == .connecting { self.updateReading() }
    }

    private func keepUnread(_ buffer: ByteBuffer) {
        if buffer.readableBytes == 0 || self.state == .closing || self.state == .closed {
            self.unread = nil
            return
        }
        // A copy: the read buffer may be much larger than the part of a packet that is left in it.
        self.unread = buffer.readableBytes < buffer.capacity / 2 ? ByteBuffer(bytes: buffer.readableBytesView) : buffer
    }

    /// Handles what came while the connection was waiting for an answer of the authoriser.
    func consumeUnread() {
        guard var buffer = self.unread else { return }
        self.unread = nil
        self.consume(&buffer)
        self.keepUnread(buffer)
    }

    private func consume(_ buffer: inout ByteBuffer) {
        do {
            let used = try buffer.withUnsafeReadableBytes { try self.handlePackets($0) }
            buffer.moveReaderIndex(forwardBy: used)
            // Only whole packets are a sign of life ([MQTT-3.1.2-22]).
            if used > 0 { self.lastInput = .now() }
        } catch let error as WireError {
            self.fail(error)
        } catch {
            self.shut(.serverError, code: .unspecifiedError, reason: "internal error")
        }
    }

    /// Handles all complete packets and gives the number of bytes that they took.
    private func handlePackets(_ bytes: UnsafeRawBufferPointer) throws -> Int {
        var offset = 0
        while self.state == .connected || self.state == .waiting {
            if self.isReadHeld && self.state == .connected { break }
            guard let header = try FixedHeader.read(bytes, at: offset) else { break }
            if header.remaining > self.profile.maxPacketBytes { throw WireError(.packetTooLarge, "packet is larger than the server takes") }
            if self.state == .waiting { try self.checkFirst(header) }
            let start = offset + header.length
            guard bytes.count - start >= header.remaining else { break }
            let body = UnsafeRawBufferPointer(rebasing: bytes[start..<(start + header.remaining)])
            offset = start + header.remaining
            if header.first & 0xF0 == 0x30 && self.state == .connected {
                try self.handlePublish(first: header.first, body)
            } else {
                try self.handle(header, body)
            }
        }
        return offset
    }

    /// The first packet is a CONNECT ([MQTT-3.1.0-1]) and no larger than one can be with the profile's limits.
    private func checkFirst(_ header: FixedHeader) throws(WireError) {
        guard header.first >> 4 == PacketType.connect.rawValue else { throw .protocolError("the first packet is not CONNECT") }
        if header.remaining > self.profile.maxConnectBytes { throw WireError(.packetTooLarge, "CONNECT is larger than one can be") }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
    }

    package func channelInactive(context: ChannelHandlerContext) {
        self.isInactive = true
        self.end(.connectionLost)
        self.state = .closed
        context.fireChannelInactive()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.shard.logger.debug("connection failed", metadata: ["peer": "\(self.facts.remoteAddress)", "error": "\(error)"])
        self.end(.connectionLost)
        self.state = .closed
        context.close(promise: nil)
    }
}
