import AWSAPI
import Console
import Gateway
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The servers of the API port and of the console port.
struct HTTPServices: Sendable {
    let api: APIService
    /// Empty when the console is off.
    let console: [ConsoleService]

    init(_ server: RoostServer, rooms: Rooms, address: ListenAddress, group: any EventLoopGroup) {
        let configuration = server.configuration
        let tls = rooms.tls
        self.api = APIService(
            server: APIServer(
                endpoint: rooms.endpoint, host: address.host, port: configuration.apiPort, tls: { tls.api },
                allowPlain: address.isLoopback || configuration.allowPlainHTTP, group: group, logger: server.quietLogger))
        guard let port = configuration.consolePort else {
            self.console = []
            return
        }
        let status = StatusReport(server: server, rooms: rooms)
        // It asks nobody who they are: on other addresses than loopback only when plain HTTP was allowed there.
        let isOpen = address.isLoopback || configuration.allowPlainHTTP
        let host = isOpen ? address.host : ListenAddress.loopback
        let console = ConsoleServer(host: host, port: port, registry: server.metrics, status: { await status.make() })
        self.console = [ConsoleService(console: console, host: host, port: port, group: group, logger: server.quietLogger)]
    }
}

struct APIService: Service {
    let server: APIServer

    func run() async throws {
        try await self.server.run()
    }
}

/// The console as a service that tells its port.
struct ConsoleService: Service {
    let console: ConsoleServer
    let host: String
    let port: Int
    let group: any EventLoopGroup
    let logger: Logger
    private let bound: EventLoopPromise<Int>

    init(console: ConsoleServer, host: String, port: Int, group: any EventLoopGroup, logger: Logger) {
        self.console = console
        self.host = host
        self.port = port
        self.group = group
        self.logger = logger
        self.bound = group.any().makePromise(of: Int.self)
    }

    /// The port that it listens on, as soon as it does.
    var boundPort: Int {
        get async throws { try await self.bound.futureResult.get() }
    }

    func run() async throws {
        let bound = self.bound
        let port = self.port
        do {
            try await self.console.application(group: self.group, logger: self.logger) { channel in
                bound.succeed(channel.localAddress?.port ?? port)
            }.run()
        } catch {
            let failure = ListenerError(kind: "console", host: self.host, port: self.port, cause: error)
            bound.fail(failure)
            throw failure
        }
        // Only when it ended before it listened; a promise that was kept stays so.
        bound.fail(CancellationError())
    }
}

/// The device listeners, which are bound before the services run.
struct DeviceListeners: Service {
    let gateway: Gateway

    func run() async throws {
        try await gracefulShutdown()
        await self.gateway.stopAccepting()
        await self.gateway.drainRequests()
    }
}

/// Looks once a day whether the server certificate nears its end.
struct CertificateRenewal: Service {
    static let interval = Duration.seconds(86_400)

    let server: RoostServer
    let rooms: Rooms

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: Self.interval)
                self.server.reload(self.rooms)
            }
        }
    }
}
