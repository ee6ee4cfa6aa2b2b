import AWSAPI
import AsyncHTTPClient
import Broker
import Console
import DeviceLogs
import Foundation
import Functions
import Gateway
import Identity
import Logging
import NIOCore
import NIOPosix
import Rules
import ServiceLifecycle
import Storage
import Targets

/// One `roost serve` from its start to its stop.
struct RoostServer: Sendable {
    /// How long work in flight may take after a stop was asked for (design section 7).
    static let gracePeriod = Duration.seconds(30)
    /// How long clients get to take the last bytes that were written to them.
    static let lastBytesPeriod = Duration.seconds(5)

    let configuration: ServerConfiguration
    let metrics: MetricsRegistry
    let signals: SignalWatch
    let fileLimit: Int
    let logger = Logger(label: "roost")
    let startedAt = Date()

    func run() async throws {
        let address = try ListenAddress(self.configuration.listen)
        let folder = try DataFolder(self.configuration)
        defer { folder.removeIfTemporary() }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: self.configuration.eventLoops)
        do {
            let rooms = try await Rooms.open(
                self.configuration, folder: folder, address: address, group: group, fileLimit: self.fileLimit)
            let outcome = await self.serve(rooms, folder: folder, address: address, group: group)
            await self.close(rooms)
            try? await group.shutdownGracefully()
            try outcome.get()
        } catch {
            try? await group.shutdownGracefully()
            throw StartFailure.describing(error)
        }
    }

    // MARK: Serving

    private func serve(
        _ rooms: Rooms, folder: DataFolder, address: ListenAddress, group: any EventLoopGroup
    ) async -> Result<Void, any Error> {
        do {
            let ports = Gateway.Ports(
                mqtts: self.configuration.mqttsPort, https: self.configuration.httpsPort, mqtt: self.configuration.mqttPort)
            let listeners = try await rooms.gateway.start(host: address.host, ports: ports)
            let http = HTTPServices(self, rooms: rooms, address: address, group: group)
            let services = ServiceGroup(configuration: self.serviceConfiguration(rooms, http))
            self.watchSignals(rooms, services)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await services.run() }
                let endpoints = try await self.endpoints(rooms, listeners: listeners, http: http, address: address)
                rooms.ownAddress.api = endpoints.api
                rooms.rules.serve(at: endpoints.api)
                // The file comes last: who waits for it finds all else done.
                self.announce(endpoints, folder: folder)
                try endpoints.write(folder: folder.endpointsPath)
                defer { endpoints.remove(folder: folder.endpointsPath) }
                try await tasks.waitForAll()
            }
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func serviceConfiguration(_ rooms: Rooms, _ http: HTTPServices) -> ServiceGroupConfiguration {
        // They stop in the reverse order, one after the other.
        let services: [any Service] =
            [
                DeviceListeners(gateway: rooms.gateway), CertificateRenewal(server: self, rooms: rooms),
                ShadowUpkeep(shadows: rooms.shadows), IndexUpkeep(registry: rooms.registry), FunctionUpkeep(functions: rooms.functions),
                http.api,
            ] + http.console
        var configuration = ServiceGroupConfiguration(services: services, logger: self.quietLogger)
        configuration.maximumGracefulShutdownDuration = Self.gracePeriod
        return configuration
    }

    /// For libraries that tell of each connection or service: only what goes wrong.
    var quietLogger: Logger {
        var logger = Logger(label: "roost")
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private func watchSignals(_ rooms: Rooms, _ services: ServiceGroup) {
        self.signals.onReload { self.reload(rooms) }
        self.signals.onStop {
            self.logger.notice("stopping: no new connections, and what is under way may finish")
            Task {
                await rooms.gateway.stopAccepting()
                rooms.targets.stopWaiting()
                await services.triggerGracefulShutdown()
            }
        }
    }

    /// Serves a new server certificate to connections to come; when the files are unusable the old one stays.
    func reload(_ rooms: Rooms) {
        do {
            try rooms.tls.reload(try rooms.identity.serverCredentials())
            self.logger.notice("reloaded the server certificate")
        } catch {
            self.logger.error("could not reload the server certificate, the old one stays in use: \(error)")
        }
    }

    // MARK: Stopping

    /// Ends the connections and waits until all that was accepted is on disk.
    private func close(_ rooms: Rooms) async {
        await rooms.gateway.stopAccepting()
        await rooms.broker.shutdown()
        await rooms.rules.shutdown()
        await rooms.deviceLogs.shutdown()
        await rooms.functions.shutdown()
        await rooms.gateway.waitForLastConnection(atMost: Self.lastBytesPeriod)
        try? await rooms.http.shutdown()
        await rooms.store.close()
        self.logger.info("stopped")
    }
}
