import Identity
import NIOCore
import NIOPosix
import NIOSSL

@testable import Gateway

/// A client connection that collects what it receives until it is closed.
final class TLSClient: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Received {
        var bytes: [UInt8] = []
        var wanted: (count: Int, promise: EventLoopPromise<[UInt8]>)?
    }

    private let received: NIOLoopBoundBox<Received>
    let channel: any Channel

    private init(channel: any Channel) {
        self.channel = channel
        self.received = NIOLoopBoundBox(Received(), eventLoop: channel.eventLoop)
    }

    /// CONNECT of MQTT 5 with the client id "test".
    static let connect = ByteBuffer(bytes: [0x10, 17, 0, 4] + Array("MQTT".utf8) + [5, 2, 0, 60, 0, 0, 4] + Array("test".utf8))

    /// - Parameter identity: the certificate and key that the client presents; nil for none.
    static func open(
        _ gateway: TestGateway, _ kind: Listener.Kind, identity: ServerCredentials?, alpn: [String] = [], serverName: String? = "localhost"
    ) async throws -> TLSClient {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([
            try NIOSSLCertificate(bytes: Array(gateway.authority.certificatePEM.utf8), format: .pem)
        ])
        configuration.applicationProtocols = alpn
        if serverName == nil { configuration.certificateVerification = .noHostnameVerification }
        if let identity {
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(identity.certificateChainPEM.utf8))
            configuration.certificateChain = chain.map { .certificate($0) }
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: Array(identity.privateKeyPEM.utf8), format: .pem))
        }
        let context = try NIOSSLContext(configuration: configuration)
        return try await self.open(try gateway.address(kind)) { channel in
            try channel.pipeline.syncOperations.addHandler(NIOSSLClientHandler(context: context, serverHostname: serverName))
        }
    }

    static func openPlain(_ address: SocketAddress) async throws -> TLSClient {
        try await self.open(address) { _ in }
    }

    private static func open(
        _ address: SocketAddress, prepare: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> TLSClient {
        // The handler comes from the initializer: the server may have closed the connection before anyone could look it up.
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    let client = TLSClient(channel: channel)
                    try prepare(channel)
                    try channel.pipeline.syncOperations.addHandler(client)
                    return client
                }
            }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.received.value.bytes += Array(self.unwrapInboundIn(data).readableBytesView)
        guard let wanted = self.received.value.wanted, self.received.value.bytes.count >= wanted.count else { return }
        self.received.value.wanted = nil
        wanted.promise.succeed(self.received.value.bytes)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.received.value.wanted?.promise.fail(ChannelError.eof)
        self.received.value.wanted = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    func send(_ bytes: ByteBuffer) {
        self.channel.writeAndFlush(bytes, promise: nil)
    }

    /// At least `count` bytes.
    ///
    /// - Throws: when the connection ends before.
    func receive(_ count: Int) async throws -> [UInt8] {
        let promise = self.channel.eventLoop.makePromise(of: [UInt8].self)
        self.channel.eventLoop.execute {
            if self.received.value.bytes.count >= count {
                promise.succeed(self.received.value.bytes)
            } else if !self.channel.isActive {
                promise.fail(ChannelError.eof)
            } else {
                self.received.value.wanted = (count, promise)
            }
        }
        return try await promise.futureResult.get()
    }

    /// Waits until the server, or an error, has ended the connection.
    func waitUntilClosed() async throws {
        try await self.channel.closeFuture.get()
    }

    func close() async {
        try? await self.channel.close()
    }
}
