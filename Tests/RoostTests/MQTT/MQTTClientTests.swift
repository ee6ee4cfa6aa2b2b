import Broker
import NIOCore
import NIOEmbedded
import Testing

@testable import roost

@Suite("The MQTT client on a connection")
struct MQTTClientTests {
    static let connack: [UInt8] = [0x20, 3, 0, 0, 0]

    /// A PUBLISH on the topic `t` whose payload is `text`.
    static func publish(_ text: String, packetID: UInt8?) -> [UInt8] {
        let id: [UInt8] = packetID.map { [0, $0] } ?? []
        let body = [0, 1, 0x74] + id + [0] + Array(text.utf8)
        return [packetID == nil ? 0x30 : 0x32, UInt8(body.count)] + body
    }

    /// The server's side, byte by byte.
    struct Server {
        let channel: NIOAsyncTestingChannel

        func say(_ bytes: [UInt8]) async throws { try await self.channel.writeInbound(ByteBuffer(bytes: bytes)) }

        /// The client's next packet.
        func hear() async throws -> [UInt8] { Array(try await self.channel.waitForOutboundWrite(as: ByteBuffer.self).readableBytesView) }
    }

    /// A client that has its CONNACK.
    static func connected(_ limits: MQTTClientLimits = MQTTClientLimits()) async throws -> (MQTTClient, Server) {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1883))
        let client = try await channel.testingEventLoop.executeInContext { try MQTTClient(on: channel, clientID: "me", limits: limits) }
        let server = Server(channel: channel)
        async let connecting: Void = client.connect()
        #expect(try await server.hear().first == 0x10)
        try await server.say(Self.connack)
        try await connecting
        return (client, server)
    }

    @Test("acknowledges a message when the next one is asked for")
    func acknowledgements() async throws {
        let (client, server) = try await Self.connected()
        async let subscribing: Void = client.subscribe(["t"])
        #expect(try await server.hear() == [0x82, 7, 0, 1, 0, 0, 1, 0x74, 1])
        try await server.say([0x90, 4, 0, 1, 0, 1])
        try await subscribing

        try await server.say(Self.publish("a", packetID: 5) + Self.publish("b", packetID: nil) + Self.publish("c", packetID: 6))
        var messages = client.messages.makeAsyncIterator()
        #expect(try await messages.next() == MQTTMessage(topic: "t", payload: ByteBuffer(string: "a")))
        #expect(try await server.channel.readOutbound(as: ByteBuffer.self) == nil)
        #expect(try await messages.next()?.payload == ByteBuffer(string: "b"))
        #expect(try await server.hear() == [0x40, 2, 0, 5])
        #expect(try await messages.next()?.payload == ByteBuffer(string: "c"))
        await client.disconnect()
        #expect(try await server.hear() == [0xE0, 0])
    }

    @Test("hands out what came before the end, and then what ended it")
    func ending() async throws {
        let (client, server) = try await Self.connected()
        try await server.say(Self.publish("a", packetID: 5) + [0xE0, 1, 0x8B])
        var messages = client.messages.makeAsyncIterator()
        #expect(try await messages.next()?.payload == ByteBuffer(string: "a"))
        await #expect(throws: MQTTClientError.disconnected(.serverShuttingDown, nil)) { _ = try await messages.next() }
        await #expect(throws: MQTTClientError.closed) { try await client.subscribe(["t"]) }
    }

    @Test(
        "ends on bytes that are no MQTT",
        arguments: [[0xF0, 0], [0x30, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x20, 3, 0, 0, 0]] as [[UInt8]])
    func garbage(bytes: [UInt8]) async throws {
        let (client, server) = try await Self.connected()
        try? await server.say(bytes)
        var messages = client.messages.makeAsyncIterator()
        await #expect { _ = try await messages.next() } throws: { error in
            if case .malformed? = error as? MQTTClientError { true } else { false }
        }
    }

    @Test("ends when a server sends more than it may")
    func tooMany() async throws {
        var limits = MQTTClientLimits()
        limits.maxWaitingMessages = 2
        let (client, server) = try await Self.connected(limits)
        for _ in 0..<3 { try await server.say(Self.publish("x", packetID: nil)) }
        var messages = client.messages.makeAsyncIterator()
        for _ in 0..<2 { #expect(try await messages.next() != nil) }
        await #expect(throws: MQTTClientError.tooManyMessages) { _ = try await messages.next() }
    }

    @Test("ends when the connection does, and when the server answers no ping")
    func silence() async throws {
        let (lost, server) = try await Self.connected()
        try await server.channel.close()
        var none = lost.messages.makeAsyncIterator()
        await #expect(throws: MQTTClientError.closed) { _ = try await none.next() }

        let (client, silent) = try await Self.connected()
        let interval = TimeAmount.seconds(Int64(MQTTClientLimits().keepAliveSeconds) / 3)
        await silent.channel.testingEventLoop.advanceTime(by: interval)
        #expect(try await silent.hear() == [0xC0, 0])
        try await silent.say([0xD0, 0])
        await silent.channel.testingEventLoop.advanceTime(by: interval)
        #expect(try await silent.hear() == [0xC0, 0])
        await silent.channel.testingEventLoop.advanceTime(by: interval)
        var messages = client.messages.makeAsyncIterator()
        await #expect(throws: MQTTClientError.silent) { _ = try await messages.next() }
    }
}
