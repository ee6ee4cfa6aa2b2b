internal import HummingbirdCore
package import Logging
package import NIOCore
package import NIOSSL
internal import Synchronization

/// The server of the API port.
///
/// `run` has the shape of a ServiceLifecycle service: it returns when a graceful shutdown has let the requests under way finish.
package final class APIServer: Sendable {
    private enum Binding {
        case pending([CheckedContinuation<Int, any Error>])
        case bound(Int)
        case failed(any Error)
    }

    private let server: Server<APIChannel>
    private let host: String
    private let requestedPort: Int
    private let binding: BindingBox

    private final class BindingBox: Sendable {
        let state = Mutex(Binding.pending([]))
    }

    /// - Parameters:
    ///   - port: 0 asks the system for one.
    ///   - tls: asked for each TLS connection; nil means that TLS is not offered.
    ///   - allowPlain: whether plain HTTP is answered; otherwise it is refused with a message.
    package init(
        endpoint: AWSEndpoint,
        host: String,
        port: Int,
        tls: @escaping @Sendable () -> NIOSSLContext?,
        allowPlain: Bool,
        limits: APIServerLimits = APIServerLimits(),
        group: any EventLoopGroup,
        logger: Logger
    ) {
        let binding = BindingBox()
        self.binding = binding
        self.host = host
        self.requestedPort = port
        // Hummingbird tells of each connection; the composition tells of each listener.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        self.server = Server(
            childChannelSetup: APIChannel(endpoint: endpoint, limits: limits, tls: tls, allowsPlain: allowPlain),
            configuration: ServerConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: .maximum(limits.maxConnections, logger: quiet)),
            onServerRunning: { channel in
                Self.resolve(binding, .bound(channel.localAddress?.port ?? port))
            },
            eventLoopGroup: group,
            logger: quiet)
    }

    /// Serves until a graceful shutdown, or until the task is cancelled.
    ///
    /// - Throws: `APIServerError` when the address cannot be listened on.
    package func run() async throws {
        do {
            try await self.server.run()
        } catch {
            let failure = APIServerError(host: self.host, port: self.requestedPort, reason: "\(error)")
            Self.resolve(self.binding, .failed(failure))
            throw failure
        }
        Self.resolve(self.binding, .failed(APIServerError(host: self.host, port: self.requestedPort, reason: "the server has stopped")))
    }

    /// The port that it listens on, as soon as it does.
    package var port: Int {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: Binding = self.binding.state.withLock { state in
                    if case .pending(let waiting) = state { state = .pending(waiting + [continuation]) }
                    return state
                }
                switch outcome {
                case .pending: break
                case .bound(let port): continuation.resume(returning: port)
                case .failed(let error): continuation.resume(throwing: error)
                }
            }
        }
    }

    /// Stops accepting, lets the requests under way finish, and ends `run`.
    package func shutDown() async throws {
        try await self.server.shutdownGracefully()
    }

    /// The first outcome stays.
    private static func resolve(_ binding: BindingBox, _ outcome: Binding) {
        let waiting: [CheckedContinuation<Int, any Error>] = binding.state.withLock { state in
            guard case .pending(let waiting) = state else { return [] }
            state = outcome
            return waiting
        }
        for continuation in waiting {
            switch outcome {
            case .pending: break
            case .bound(let port): continuation.resume(returning: port)
            case .failed(let error): continuation.resume(throwing: error)
            }
        }
    }
}

/// The API port cannot be served.
package struct APIServerError: Error, CustomStringConvertible {
    package let host: String
    package let port: Int
    package let reason: String

    package var description: String {
        "the API cannot listen on \(self.host):\(self.port) (\(self.reason)): free the port, or choose another with --api-port"
    }
}
