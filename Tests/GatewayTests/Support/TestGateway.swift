import AWSAPI
import Broker
import Foundation
import Identity
import Logging
import NIOCore
import NIOPosix
import NIOSSL
import Storage
import Synchronization

@testable import Gateway

/// Lets everybody connect, and remembers as whom.
final class RecordingAuthorizer: Authorizer {
    final class AllowAll: ConnectionAuthority {
        func decide(_ action: TopicAction, _ topic: String) -> AccessDecision {
            AccessDecision(isAllowed: true, isCacheable: true, explanation: "")
        }
    }

    private let attempts = Mutex<[ConnectAttempt]>([])
    /// Nil where `authorize` is to be asked.
    private let now: ConnectVerdict?

    init(now: ConnectVerdict? = nil) { self.now = now }

    var seen: [ConnectAttempt] { self.attempts.withLock { $0 } }

    func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict {
        self.attempts.withLock { $0.append(attempt) }
        return .allow(AllowAll(), thingName: nil)
    }

    func authorizeNow(_ attempt: ConnectAttempt) -> ConnectVerdict? { self.now }
}

/// Answers look-ups of certificates as a test wants them.
final class ScriptedDirectory: DeviceDirectory {
    struct Broken: Error {}

    private let answer: @Sendable (_ certificateID: String, _ serverName: String?) async throws -> DeviceAdmission
    private let now: DeviceAdmission?

    /// - Parameter now: what is known without a look-up.
    init(now: DeviceAdmission? = nil, _ answer: @escaping @Sendable (String, String?) async throws -> DeviceAdmission) {
        self.now = now
        self.answer = answer
    }

    func admissionNow(certificateID: String, serverName: String?) -> DeviceAdmission? { self.now }

    func admission(certificateID: String, serverName: String?) async throws -> DeviceAdmission {
        try await self.answer(certificateID, serverName)
    }
}

/// A gateway on ports of the system's choice, with a broker in memory.
struct TestGateway {
    let gateway: Gateway
    let tls: TLSContexts
    let authority: CertificateAuthority
    let credentials: ServerCredentials
    let authorizer: RecordingAuthorizer
    let listeners: [Listener]

    /// Starts one, runs `body` and stops it.
    static func run(
        directory: any DeviceDirectory, authorizer: RecordingAuthorizer = RecordingAuthorizer(), limits: GatewayLimits = GatewayLimits(),
        _ body: (TestGateway) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("roost-gateway-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let authority = try CertificateAuthority.openOrCreate(folder: folder, logger: logger)
        let credentials = try authority.serverCredentials(names: ServerNames())
        let store = try SQLiteStore.inMemory(migrations: Broker.migrations, logger: logger)
        let broker = Broker(group: group, profile: .aws, store: store, authorizer: authorizer, logger: logger)
        try await broker.start()
        let tls = try TLSContexts(credentials)
        let refusal = AWSError(name: "TestException", status: 403, message: "no")
        let services = GatewayServices(
            directory: directory, broker: broker, respond: { _ in APIResponse(status: 200) },
            refuse: { APIResponse(status: $0.status) },
            authenticateWebSocket: { _ async throws(AWSError) -> String in throw refusal })
        let gateway = Gateway(services: services, contexts: tls, group: group, limits: limits, logger: logger)
        let listeners = try await gateway.start(host: "127.0.0.1", ports: .init(mqtts: 0, https: 0, mqtt: 0))
        let running = TestGateway(
            gateway: gateway, tls: tls, authority: authority, credentials: credentials, authorizer: authorizer, listeners: listeners)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(running))
        } catch {
            outcome = .failure(error)
        }
        await gateway.stopAccepting()
        await broker.shutdown()
        await store.close()
        try await group.shutdownGracefully()
        try outcome.get()
    }

    func address(_ kind: Listener.Kind) throws -> SocketAddress {
        guard let listener = self.listeners.first(where: { $0.kind == kind }) else { throw ScriptedDirectory.Broken() }
        return listener.address
    }
}
