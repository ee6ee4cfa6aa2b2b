package import NIOCore
import NIOPosix

/// One listening socket.
package struct Listener: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// MQTT over mutual TLS.
        case mqtts
        /// HTTPS, WebSocket, and MQTT by ALPN.
        case https
        /// Plain MQTT, for local work.
        case mqtt
    }

    package let kind: Kind
    package let address: SocketAddress
    let channel: any Channel

    /// Binds and starts to accept.
    ///
    /// - Parameter prepare: adds the handlers of an accepted connection; runs on its event loop. Throwing closes it.
    static func bind(
        _ kind: Kind, host: String, port: Int, group: any EventLoopGroup, limits: GatewayLimits,
        prepare: @escaping @Sendable (any Channel) throws -> Void
    ) async throws -> Listener {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: limits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            // Accepted sockets have it from the listening one (and so does NIO's default, which this spells out).
            .serverChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    // Cheaper than an option of the bootstrap, which takes several futures for each connection.
                    try channel.syncOptions?.setOption(.recvAllocator, value: Self.receiveAllocator)
                    try prepare(channel)
                }
            }
        do {
            let channel = try await bootstrap.bind(host: host, port: port).get()
            guard let address = channel.localAddress else { throw ChannelError.unknownLocalAddress }
            return Listener(kind: kind, address: address, channel: channel)
        } catch {
            throw ListenerError(kind: kind.rawValue, host: host, port: port, cause: error)
        }
    }

    /// Devices send little and seldom, and each connection keeps a buffer of the size it last needed: start small and grow only for
    /// those that send much.
    private static let receiveAllocator = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 65_536)
}

/// A port could not be bound; the text says what to do.
package struct ListenerError: Error, CustomStringConvertible {
    package let description: String
    /// The port is taken, rather than the address wrong.
    package let isInUse: Bool

    package init(kind: String, host: String, port: Int, cause: any Error) {
        let code = (cause as? IOError)?.errnoCode
        self.isInUse = code == EADDRINUSE
        let place = "\(host):\(port)"
        self.description =
            switch code {
            case EADDRINUSE:
                "port \(port) of the \(kind) listener is in use on \(host): stop the other program, or choose another port "
                    + "with --\(kind)-port (0 lets the system choose)"
            case EACCES:
                "no permission to listen on \(place) for \(kind): ports below 1024 need a privilege; choose another with --\(kind)-port"
            case EADDRNOTAVAIL:
                "\(host) is not an address of this machine (listener \(kind)): choose one that is, or 0.0.0.0 for all, with --listen"
            default:
                "cannot listen on \(place) for \(kind): \(cause)"
            }
    }
}
