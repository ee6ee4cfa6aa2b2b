import Atomics
import Logging
import NIOConcurrencyHelpers
import Storage

/// What all loops of one broker have in common. Immutable, or guarded inside.
final class BrokerShared: Sendable {
    let profile: Profile
    let store: any Store
    let authorizer: any Authorizer
    let logger: Logger
    let retained: RetainedMessages
    let directory = SessionDirectory()
    let metrics = BrokerMetrics()
    let loopTotals: LoopTotals
    let totals = QueueTotals()
    let bytesToLoops: LoopBytes
    let connectionCounts = ConnectionCounts()
    let activityWatch = ActivityWatch()
    /// `nil`: no rates are enforced.
    let connectRates: ConnectRates?
    /// Numbers of sessions and messages: increasing, never used twice in a data folder.
    private let ids = ManagedAtomic<Int64>(1)

    init(profile: Profile, store: any Store, authorizer: any Authorizer, logger: Logger, loops: Int) {
        self.profile = profile
        self.store = store
        self.authorizer = authorizer
        self.logger = logger
        self.retained = RetainedMessages(profile: profile)
        self.connectRates = profile.enforceRates ? ConnectRates(profile: profile) : nil
        self.loopTotals = LoopTotals(loops: loops)
        self.bytesToLoops = LoopBytes(loops: loops)
    }

    /// Numbers of messages in queue rows are not looked through: the clock keeps new ones above them, by a million a millisecond.
    func startIDs(after highest: Int64) {
        self.ids.store(max(highest < .max ? highest + 1 : highest, wallMilliseconds() << 20), ordering: .relaxed)
    }

    @inline(__always)
    func nextID() -> Int64 { self.ids.loadThenWrappingIncrement(ordering: .relaxed) }
}

/// Bytes of messages that wait on disk, all sessions together.
final class QueueTotals: Sendable {
    private let value = ManagedAtomic<Int>(0)

    var bytes: Int { self.value.load(ordering: .relaxed) }
    func add(_ bytes: Int) { self.value.wrappingIncrement(by: bytes, ordering: .relaxed) }
    func subtract(_ bytes: Int) { self.value.wrappingDecrement(by: bytes, ordering: .relaxed) }
}

/// How many connections and sessions each loop had at its last sweep.
final class LoopTotals: Sendable {
    private let values: NIOLockedValueBox<[(connections: Int, sessions: Int)]>

    init(loops: Int) { self.values = NIOLockedValueBox(Array(repeating: (0, 0), count: loops)) }

    func update(loop: Int, connections: Int, sessions: Int) {
        self.values.withLockedValue { $0[loop] = (connections, sessions) }
    }

    var sum: (connections: Int, sessions: Int) {
        self.values.withLockedValue { $0.reduce((0, 0)) { ($0.0 + $1.connections, $0.1 + $1.sessions) } }
    }
}

/// `versionNumber` of lifecycle events: how often each client connected (AWS IoT, lifecycle events). Forgotten as a whole when too many
/// clients are known, as AWS forgets an hour after a disconnect.
final class ConnectionCounts: Sendable {
    private let counts = NIOLockedValueBox<[ExactText: UInt64]>([:])
    private static let maxClients = 1_000_000

    func next(_ clientID: ExactText) -> UInt64 {
        self.counts.withLockedValue { counts in
            if counts.count >= Self.maxClients { counts.removeAll() }
            let next = counts[clientID].map { $0 + 1 } ?? 0
            counts[clientID] = next
            return next
        }
    }
}
