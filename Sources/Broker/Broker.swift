package import Logging
package import NIOCore
package import Storage

/// The message broker: every message of the platform goes through it, whoever publishes.
package final class Broker: Sendable {
    let shared: BrokerShared
    let purge: QueuePurge
    /// One for each event loop, in the loops' order. Set once, before anything runs.
    let shards: [Shard]
    private let loops: [ObjectIdentifier: Int]

    /// `store` holds what outlives the process; with an in-memory store nothing does.
    package init(group: any EventLoopGroup, profile: Profile, store: any Store, authorizer: any Authorizer, logger: Logger) {
        let eventLoops = Array(group.makeIterator()).prefix(Self.maxEventLoops)
        let shared = BrokerShared(profile: profile, store: store, authorizer: authorizer, logger: logger, loops: eventLoops.count)
        self.shared = shared
        self.purge = QueuePurge(store: store, logger: logger)
        self.shards = eventLoops.enumerated().map {
            Shard(index: $0.offset, eventLoop: $0.element, shared: shared, loops: eventLoops.count)
        }
        var loops: [ObjectIdentifier: Int] = [:]
        for (i, loop) in eventLoops.enumerated() { loops[ObjectIdentifier(loop)] = i }
        self.loops = loops
    }

    /// More cores than this are not used.
    package static let maxEventLoops = 64

    package var profile: Profile { self.shared.profile }
    package var retained: RetainedMessages { self.shared.retained }
    /// As of the last half second.
    package var connectionCount: Int { self.shared.loopTotals.sum.connections }
    package var sessionCount: Int { self.shared.directory.count }

    /// Reads what was stored and begins to work. Call it once, before connections are accepted.
    package func start() async throws {
        for shard in self.shards {
            try await shard.eventLoop.submit { shard.open(self) }.get()
        }
        try await SessionLoader(broker: self).load()
        for shard in self.shards { try await shard.eventLoop.submit { shard.startSweep() }.get() }
        await self.purge.start()
    }

    /// Ends every connection (DISCONNECT 0x8B), waits until what was accepted is on disk.
    package func shutdown() async {
        for shard in self.shards {
            try? await shard.eventLoop.submit { shard.close() }.get()
        }
        // Twice: wills of one loop's clients may be for sessions of another that was drained before.
        for _ in 0..<2 { for shard in self.shards { await shard.drained() } }
        await self.purge.stop()
    }

    /// The handler of a new connection: the last one of its channel, added on the channel's event loop.
    ///
    /// The loop must be one of the group that the broker was made with; `nil` if it is not.
    package func makeConnectionHandler(_ facts: ConnectionFacts, on eventLoop: any EventLoop) -> MQTTConnectionHandler? {
        guard let i = self.loops[ObjectIdentifier(eventLoop)] else { return nil }
        return MQTTConnectionHandler(shard: self.shards[i], facts: facts)
    }
}
