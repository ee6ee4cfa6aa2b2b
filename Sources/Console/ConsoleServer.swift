package import Hummingbird
internal import HummingbirdCore
package import Logging
package import NIOCore

/// The console port: the status page, `/health` and `/metrics`, over plain HTTP and without sign-in, so it shows no secret and changes
/// nothing.
package struct ConsoleServer: Sendable {
    /// A connection that is silent this long is closed.
    static let idleTimeout = TimeAmount.seconds(60)
    static let maxConnections = 256

    private let host: String
    private let port: Int
    private let registry: MetricsRegistry
    private let status: @Sendable () async -> ConsoleStatus

    package init(host: String, port: Int, registry: MetricsRegistry, status: @escaping @Sendable () async -> ConsoleStatus) {
        self.host = host
        self.port = port
        self.registry = registry
        self.status = status
    }

    /// The server as a service; `onRunning` gets the channel that listens, whose address tells the port that the system chose.
    package func application(
        group: any EventLoopGroup, logger: Logger, onRunning: @escaping @Sendable (any Channel) async -> Void
    ) -> some ApplicationProtocol {
        Application(
            router: self.router(),
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: .init(
                address: .hostname(self.host, port: self.port), serverName: "roost",
                availableConnectionsDelegate: MaximumAvailableConnections(Self.maxConnections)),
            onServerRunning: onRunning,
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
    }

    private func router() -> Router<BasicRequestContext> {
        let router = Router()
        let (registry, status) = (self.registry, self.status)
        router.get("/") { _, _ in
            Self.response(.ok, "text/html; charset=utf-8", StatusPage.html(await status()))
        }
        router.get("/health") { _, _ in
            let isServing = await status().isServing
            return Self.response(
                isServing ? .ok : .serviceUnavailable, "application/json", "{\"status\":\"\(isServing ? "ok" : "not serving")\"}")
        }
        router.get("/metrics") { _, _ in
            Self.response(.ok, "text/plain; version=0.0.4; charset=utf-8", registry.text())
        }
        return router
    }

    private static func response(_ status: HTTPResponse.Status, _ contentType: String, _ body: String) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: contentType, .cacheControl: "no-store",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'",
            ],
            body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
