import Logging
import NIOCore

/// One event loop's part of the broker: its connections, the sessions that belong to it, and the routes as it sees them.
///
/// Everything here is touched on that loop only; that is the unchecked claim. What must reach another loop goes through
/// ``Shard/outboxes`` (messages, one hand-over a tick) or `execute` (control).
final class Shard: @unchecked Sendable {
    let index: Int
    let eventLoop: any EventLoop
    let profile: Profile
    let logger: Logger
    /// The broker holds its shards for as long as it lives, and every task that reaches a shard holds the broker's handler or service.
    weak var broker: Broker?
    let shared: BrokerShared

    let trie: SubscriptionTrie
    var routes: RouteCache
    /// Changes whenever a route could come out differently.
    var routingVersion: UInt64 = 1
    var groups: [ExactText: SharedGroup] = [:]
    /// Of the groups whose queue this loop has.
    var groupQueues: [ExactText: GroupQueue] = [:]
    /// Sessions that belong to this loop, connected or not.
    var sessions: [ExactText: Session] = [:]
    var connections: [MQTTConnectionHandler] = []
    var counters = Counters()
    let journal: Journal
    var timers = ExpiryTimers()
    var connectionCounts: ConnectionCounts { self.shared.connectionCounts }

    private var dirty: [MQTTConnectionHandler] = []
    private var isFlushScheduled = false
    var outboxes: [[RemotePublish]]
    /// One for each inbox that services of this loop's routes have.
    private var serviceOutboxes: [ServiceOutbox] = []
    /// Sessions that are on their way from this loop or to it.
    var moves: [ExactText: SessionMove] = [:]
    /// Receipts of other loops' publishes that are done here, by loop.
    var finishedReceipts: [[RemoteReceipt]]
    private var sweep: RepeatedTask?

    init(index: Int, eventLoop: any EventLoop, shared: BrokerShared, loops: Int) {
        self.index = index
        self.eventLoop = eventLoop
        self.shared = shared
        self.profile = shared.profile
        self.logger = shared.logger
        self.trie = SubscriptionTrie(multiLevelMatchesParent: shared.profile.multiLevelWildcardMatchesParent)
        self.routes = RouteCache(maxWeight: shared.profile.maxCachedRoutes)
        self.journal = Journal(store: shared.store, eventLoop: eventLoop, logger: shared.logger, totals: shared.totals)
        self.outboxes = Array(repeating: [], count: loops)
        self.finishedReceipts = Array(repeating: [], count: loops)
    }

    // MARK: The end of a tick

    /// The connection has output: it is written once, when the tick ends.
    @inline(__always)
    func markDirty(_ connection: MQTTConnectionHandler) {
        if connection.isDirty { return }
        connection.isDirty = true
        self.dirty.append(connection)
        self.scheduleFlush()
    }

    @inline(__always)
    func scheduleFlush() {
        if self.isFlushScheduled { return }
        self.isFlushScheduled = true
        self.eventLoop.execute { self.endTick() }
    }

    private func endTick() {
        self.isFlushScheduled = false
        self.sendOutboxes()
        self.journal.flush()
        // Flushing can make a connection dirty again (a close publishes its will): those wait for the next tick.
        let connections = self.dirty
        self.dirty.removeAll(keepingCapacity: true)
        for connection in connections { connection.flushOutput() }
    }

    func outbox(to inbox: any ServiceInbox) -> ServiceOutbox {
        if let outbox = self.serviceOutboxes.first(where: { $0.inbox === inbox }) { return outbox }
        let outbox = ServiceOutbox(inbox, of: self)
        self.serviceOutboxes.append(outbox)
        return outbox
    }

    func sendOutboxes() {
        for outbox in self.serviceOutboxes { outbox.send() }
        for i in self.outboxes.indices where !self.outboxes[i].isEmpty {
            let batch = self.outboxes[i]
            self.outboxes[i].removeAll(keepingCapacity: false)
            let origin = self.index
            guard let target = self.broker?.shards[i] else { continue }
            let bytes = batch.reduce(0) { $0 + $1.body.byteCount + LoopBytes.overhead }
            self.shared.bytesToLoops.add(bytes, to: i)
            target.eventLoop.execute {
                target.receive(batch, from: origin)
                target.shared.bytesToLoops.add(-bytes, to: i)
            }
        }
        for i in self.finishedReceipts.indices where !self.finishedReceipts[i].isEmpty {
            let batch = self.finishedReceipts[i]
            self.finishedReceipts[i].removeAll(keepingCapacity: false)
            guard let target = self.broker?.shards[i] else { continue }
            target.eventLoop.execute { for item in batch { item.finish() } }
        }
    }

    // MARK: The sweep

    /// Looks at every connection twice a second, which costs no timer and no memory for each.
    func startSweep() {
        self.sweep = self.eventLoop.scheduleRepeatedTask(initialDelay: .milliseconds(500), delay: .milliseconds(500)) { [weak self] _ in
            self?.sweepOnce()
        }
    }

    func stopSweep() {
        self.sweep?.cancel()
        self.sweep = nil
    }

    private func sweepOnce() {
        let now = NIODeadline.now()
        for connection in self.connections { connection.sweep(now: now) }
        self.runDueTimers()
        self.moveQueues()
        self.removeExpiredRetained()
        self.shared.metrics.add(self.counters)
        self.shared.loopTotals.update(loop: self.index, connections: self.connections.count, sessions: self.sessions.count)
        self.counters = Counters()
    }
}
