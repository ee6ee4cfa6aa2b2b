import Logging
import NIOCore
import NIOPosix
import Storage

@testable import Broker

/// A broker with its own event loops and a listener on loopback. Everybody may do everything.
final class TestBroker: Sendable {
    let broker: Broker
    let store: any Store
    private let group: MultiThreadedEventLoopGroup
    private let listener: any Channel

    private init(broker: Broker, store: any Store, group: MultiThreadedEventLoopGroup, listener: any Channel) {
        self.broker = broker
        self.store = store
        self.group = group
        self.listener = listener
    }

    /// Runs `body` with a broker that is stopped afterwards. With a store of its own it can be started again on what it left.
    static func run(
        profile: Profile = .open, loops: Int = 1, store: (any Store)? = nil, authorizer: any Authorizer = AllowAll(),
        _ body: (TestBroker) async throws -> Void
    ) async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try store ?? Self.makeStore()
        let group = MultiThreadedEventLoopGroup(numberOfThreads: loops)
        let broker = Broker(group: group, profile: profile, store: store, authorizer: authorizer, logger: logger)
        try await broker.start()
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let facts = ConnectionFacts(principal: .anonymous, transport: .tcp, remoteAddress: "127.0.0.1", remotePort: 0)
                    guard let handler = broker.makeConnectionHandler(facts, on: channel.eventLoop) else { throw ChannelError.eof }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let test = TestBroker(broker: broker, store: store, group: group, listener: listener)
        let result: Result<Void, any Error>
        do { result = .success(try await body(test)) } catch { result = .failure(error) }
        try await listener.close().get()
        await broker.shutdown()
        try await group.shutdownGracefully()
        try result.get()
    }

    static func makeStore() throws -> any Store {
        try SQLiteStore.inMemory(migrations: Broker.migrations, logger: Logger(label: "test"))
    }

    func open() async throws -> TestClient {
        guard let address = self.listener.localAddress else { throw ChannelError.unknownLocalAddress }
        return try await TestClient.open(address)
    }

    /// A client whose session belongs to this loop: connections go to the loops in turn, so others are opened and closed until it does.
    func connect(_ clientID: String, version: UInt8 = 5, isClean: Bool = true, expiry: UInt32 = 0, loop: Int = 0) async throws -> TestClient
    {
        while true {
            let client = try await self.open()
            try await client.connect(clientID, version: version, isClean: isClean, expiry: expiry)
            if try await self.onLoop(loop, { $0.sessions[ExactText(clientID)]?.connection != nil }) { return client }
            try await client.disconnect()
        }
    }

    struct NeverSo: Error {}

    /// Returns when it is so; throws when it does not become so within a minute.
    func until(_ condition: () async throws -> Bool) async throws {
        let deadline = NIODeadline.now() + .minutes(1)
        while try await !condition() {
            if NIODeadline.now() > deadline { throw NeverSo() }
            try await Task.sleep(nanoseconds: 1_000_000)
        }
    }

    func onLoop<T: Sendable>(_ loop: Int, _ body: @escaping @Sendable (Shard) -> T) async throws -> T {
        let shard = self.broker.shards[loop]
        return try await shard.eventLoop.submit { body(shard) }.get()
    }
}

private final class AllowAll: Authorizer, ConnectionAuthority {
    func decide(_ action: TopicAction, _ topic: String) -> AccessDecision {
        AccessDecision(isAllowed: true, isCacheable: true, explanation: "")
    }
    func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict { .allow(self, thingName: nil) }
}
