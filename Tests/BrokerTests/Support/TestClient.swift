import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

@testable import Broker

/// An MQTT client of few words: packets out as bytes, packets in one at a time.
final class TestClient: Sendable {
    struct Packet: Equatable, Sendable {
        var first: UInt8
        var body: [UInt8]
        var type: UInt8 { self.first >> 4 }
    }

    struct Message: Equatable, Sendable {
        var topic: String
        var payload: String
        var qos: UInt8
        var isDuplicate: Bool
        var packetID: UInt16
        /// `name=value`.
        var userProperties: [String] = []
    }

    struct Unexpected: Error { var packet: Packet? }

    private let channel: any Channel
    private let inbox: Inbox
    private let version = NIOLockedValueBox<UInt8>(5)

    private init(channel: any Channel, inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
    }

    static func open(_ address: SocketAddress) async throws -> TestClient {
        let inbox = Inbox()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(inbox) }
            }
            .connect(to: address).get()
        return TestClient(channel: channel, inbox: inbox)
    }

    // MARK: Out

    func send(_ bytes: [UInt8]) async throws {
        try await self.channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// For input that the server may refuse by closing while it is being sent.
    func sendIfOpen(_ bytes: [UInt8]) async { try? await self.send(bytes) }

    /// Sends no more, and returns when the server has taken all and closed.
    func finish() async throws {
        try? await self.channel.close(mode: .output).get()
        while try await self.next() != nil {}
    }

    static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.writeInteger(first)
        var rest = body.count
        repeat {
            buffer.writeInteger(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return Array(buffer.readableBytesView) + body
    }

    static func text(_ text: String) -> [UInt8] { [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 0xFF)] + Array(text.utf8) }

    static func connectPacket(
        _ clientID: String, version: UInt8 = 5, isClean: Bool = true, expiry: UInt32 = 0, keepAlive: UInt8 = 0,
        maximumPacketSize: UInt32? = nil
    ) -> [UInt8] {
        func property(_ id: UInt8, _ value: UInt32) -> [UInt8] { [id] + (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }
        var body = Self.text("MQTT") + [version, isClean ? 2 : 0, 0, keepAlive]
        if version == 5 {
            let properties = property(17, expiry) + (maximumPacketSize.map { property(39, $0) } ?? [])
            body += [UInt8(properties.count)] + properties
        }
        return Self.packet(0x10, body + Self.text(clientID))
    }

    // MARK: Conversations

    /// CONNECT and its answer: the reason code, and whether the session was there.
    @discardableResult
    func connect(
        _ clientID: String, version: UInt8 = 5, isClean: Bool = true, expiry: UInt32 = 0, keepAlive: UInt8 = 0,
        maximumPacketSize: UInt32? = nil
    ) async throws -> (reason: UInt8, isPresent: Bool) {
        self.version.withLockedValue { $0 = version }
        try await self.send(
            Self.connectPacket(
                clientID, version: version, isClean: isClean, expiry: expiry, keepAlive: keepAlive, maximumPacketSize: maximumPacketSize))
        let answer = try await self.expect(2)
        return (answer.body[1], answer.body[0] == 1)
    }

    func subscribe(_ filter: String, qos: UInt8) async throws {
        try await self.send(Self.packet(0x82, [0, 1] + self.noProperties + Self.text(filter) + [qos]))
        _ = try await self.expect(9)
    }

    /// Returns when the server has acknowledged it (QoS 1).
    func publish(_ topic: String, _ payload: String, qos: UInt8 = 1, isRetained: Bool = false) async throws {
        let id: [UInt8] = qos > 0 ? [0, 1] : []
        try await self.send(
            Self.packet(0x30 | qos << 1 | (isRetained ? 1 : 0), Self.text(topic) + id + self.noProperties + Array(payload.utf8)))
        if qos == 1 { _ = try await self.expect(4) }
    }

    func acknowledge(_ message: Message) async throws {
        if message.qos == 1 { try await self.send(Self.packet(0x40, [UInt8(message.packetID >> 8), UInt8(message.packetID & 0xFF)])) }
    }

    /// The next PUBLISH, as it comes: not acknowledged.
    func nextMessage() async throws -> Message {
        let packet = try await self.expect(3)
        var buffer = ByteBuffer(bytes: packet.body)
        let qos = packet.first >> 1 & 3
        guard let length = buffer.readInteger(as: UInt16.self), let topic = buffer.readString(length: Int(length)),
            let id = qos > 0 ? buffer.readInteger(as: UInt16.self) : 0
        else { throw Unexpected(packet: packet) }
        var properties: [UInt8] = []
        if self.isVersion5, let length = buffer.readInteger(as: UInt8.self) { properties = buffer.readBytes(length: Int(length)) ?? [] }
        return Message(
            topic: topic, payload: String(buffer: buffer), qos: qos, isDuplicate: packet.first & 8 != 0, packetID: id,
            userProperties: MessageProperties(decoding: properties).userProperties.map { "\($0.name)=\($0.value)" })
    }

    /// Returns when the server has handled all that was sent to it.
    func ping() async throws {
        try await self.send([0xC0, 0])
        _ = try await self.expect(13)
    }

    func disconnect() async throws {
        try await self.send([0xE0, 0])
        while try await self.next() != nil {}
    }

    func expect(_ type: UInt8) async throws -> Packet {
        guard let packet = try await self.next(), packet.type == type else { throw Unexpected(packet: nil) }
        return packet
    }

    /// `nil`: the server has closed the connection. Throws when nothing comes.
    func next() async throws -> Packet? {
        try await self.channel.eventLoop.flatSubmit { self.inbox.next(on: self.channel.eventLoop) }.get()
    }

    private var isVersion5: Bool { self.version.withLockedValue { $0 == 5 } }
    private var noProperties: [UInt8] { self.isVersion5 ? [0] : [] }
}

/// Cuts what comes into packets. Used on its channel's event loop only; that is the unchecked claim.
private final class Inbox: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer

    private var bytes = ByteBuffer()
    private var packets: [TestClient.Packet] = []
    private var isClosed = false
    private var waiting: EventLoopPromise<TestClient.Packet?>?

    /// Longer than any answer takes on a busy machine.
    private static let patience = TimeAmount.seconds(60)
    struct NothingCame: Error {}

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var data = self.unwrapInboundIn(data)
        self.bytes.writeBuffer(&data)
        while let packet = self.cut() { self.packets.append(packet) }
        self.hand()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.isClosed = true
        self.hand()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func next(on eventLoop: any EventLoop) -> EventLoopFuture<TestClient.Packet?> {
        let promise = eventLoop.makePromise(of: TestClient.Packet?.self)
        let timeout = eventLoop.scheduleTask(in: Self.patience) { promise.fail(NothingCame()) }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        self.waiting = promise
        self.hand()
        return promise.futureResult
    }

    private func hand() {
        guard let waiting = self.waiting, !self.packets.isEmpty || self.isClosed else { return }
        self.waiting = nil
        waiting.succeed(self.packets.isEmpty ? nil : self.packets.removeFirst())
    }

    private func cut() -> TestClient.Packet? {
        let start = self.bytes
        guard let first = self.bytes.readInteger(as: UInt8.self) else { return nil }
        var length = 0
        var shift = 0
        while let byte = self.bytes.readInteger(as: UInt8.self) {
            length |= Int(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 != 0 { continue }
            guard let body = self.bytes.readBytes(length: length) else { break }
            return TestClient.Packet(first: first, body: body)
        }
        self.bytes = start
        return nil
    }
}
