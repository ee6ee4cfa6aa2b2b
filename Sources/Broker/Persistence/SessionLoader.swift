import Logging
import NIOCore
import Storage

/// Brings back at a start what the last run left on disk: sessions with their subscriptions, queues and exactly-once state, retained
/// messages, and the wills of clients that were connected when it ended.
struct SessionLoader {
    let broker: Broker

    private struct Loaded: Sendable {
        var sessions: [Session] = []
        var groups: [GroupQueue] = []
        var orphans: [Int64] = []
        var retained: [MessageBody] = []
        var highestID: Int64 = 0
        var queuedBytes = 0
    }

    func load() async throws {
        let shared = self.broker.shared
        let logger = shared.logger
        let maxInFlight = shared.profile.maxInFlight
        let loaded = try await shared.store.read { try Self.read($0, logger: logger, maxInFlight: maxInFlight) }
        shared.startIDs(after: loaded.highestID)
        shared.totals.add(loaded.queuedBytes)
        for body in loaded.retained where !shared.retained.set(body) {
            logger.warning("a stored retained message is beyond the limits and is not loaded", metadata: ["topic": "\(body.topic)"])
        }
        for id in loaded.orphans { self.broker.purge.add(id) }
        for (i, shard) in self.broker.shards.enumerated() {
            let count = self.broker.shards.count
            let own = loaded.sessions.enumerated().filter { $0.offset % count == i }.map(\.element)
            try await shard.eventLoop.submit { for session in own { shard.restore(session) } }.get()
        }
        for queue in loaded.groups {
            for shard in self.broker.shards where shard.hasQueue(of: queue.filter) {
                try await shard.eventLoop.submit { shard.restore(queue) }.get()
            }
        }
        // Wills of the last run's connections go out when every session routes.
        for shard in self.broker.shards { try await shard.eventLoop.submit { shard.settleRestored() }.get() }
    }

    private static func read(_ connection: any StoreConnection, logger: Logger, maxInFlight: Int) throws -> Loaded {
        var loaded = Loaded()
        var byID: [Int64: Session] = [:]
        try connection.forEach(
            "SELECT id, client_id, version, expiry, disconnected_at, principal, will, will_delay, will_expiry, sent_through FROM broker_session",
            []
        ) { row in
            let session = try Self.session(row, logger: logger)
            byID[session.id] = session
            loaded.highestID = max(loaded.highestID, session.id)
        }
        try connection.forEach("SELECT filter, session FROM broker_group", []) { row in
            let queue = GroupQueue(filter: ExactText(try row.text(0)), id: try row.integer(1), loop: 0)
            loaded.groups.append(queue)
            byID[queue.session.id] = queue.session
            loaded.highestID = max(loaded.highestID, queue.session.id)
        }
        try Self.readSubscriptions(connection, byID)
        try Self.readQueues(connection, byID, &loaded, maxInFlight: maxInFlight)
        try connection.forEach("SELECT topic, data FROM broker_retained", []) { row in
            let topic = try row.text(0)
            do {
                loaded.retained.append(try QueueCodec.decodeBody(try row.blob(1)))
            } catch let error as DamagedRow {
                logger.error("a retained message is damaged and left out", metadata: ["topic": "\(topic)", "error": "\(error)"])
            }
        }
        for body in loaded.retained { loaded.highestID = max(loaded.highestID, body.id) }
        if let row = try connection.queryOne("SELECT MAX(id) FROM broker_message", []), !row.isNull(0) {
            loaded.highestID = max(loaded.highestID, try row.integer(0))
        }
        loaded.sessions = byID.values.filter { $0.groupFilter == nil }
        return loaded
    }

    private static func session(_ row: StoreRow, logger: Logger) throws -> Session {
        let session = Session(
            clientID: ExactText(try row.text(1)), id: try row.integer(0), version: UInt8(clamping: try row.integer(2)),
            expirySeconds: UInt32(clamping: try row.integer(3)), loop: 0)
        session.disconnectedAt = try row.integer(4)
        session.principalID = try row.text(5)
        session.isRecorded = true
        session.sentThrough = UInt64(bitPattern: try row.integer(9))
        guard !row.isNull(6) else { return session }
        do {
            session.will = Will(
                body: try QueueCodec.decodeBody(try row.blob(6)), delaySeconds: UInt32(clamping: try row.integer(7)),
                messageExpiry: try row.optionalInteger(8).map { UInt32(clamping: $0) })
        } catch let error as DamagedRow {
            logger.error("a stored will is damaged and left out", metadata: ["client": "\(session.clientID)", "error": "\(error)"])
        }
        return session
    }

    private static func readSubscriptions(_ connection: any StoreConnection, _ sessions: [Int64: Session]) throws {
        try connection.forEach("SELECT session, filter, options, identifier FROM broker_subscription", []) { row in
            guard let session = sessions[try row.integer(0)] else { return }
            let byte = UInt8(clamping: try row.integer(2))
            var options = SubscriptionOptions(qos: min(byte & 3, 2))
            options.noLocal = byte & 0x04 != 0
            options.retainAsPublished = byte & 0x08 != 0
            options.retainHandling = (byte >> 4) & 3
            options.identifier = UInt32(clamping: try row.integer(3))
            session.subscriptions[ExactText(try row.text(1))] = options
        }
        try connection.forEach("SELECT session, packet_id FROM broker_received", []) { row in
            sessions[try row.integer(0)]?.received.insert(UInt16(clamping: try row.integer(1)))
        }
        try connection.forEach("SELECT session, sequence FROM broker_released", []) { row in
            sessions[try row.integer(0)]?.restoredReleases.insert(UInt64(bitPattern: try row.integer(1)))
        }
    }

    /// No session comes so far: numbers above are damage.
    private static let maxSequence = UInt64(1) << 62
    private static let maxQueueBytes = Int64(1) << 50

    private static func readQueues(
        _ connection: any StoreConnection, _ sessions: [Int64: Session], _ loaded: inout Loaded, maxInFlight: Int
    ) throws {
        var heads: [Int64: UInt64] = [:]
        try connection.forEach("SELECT session, head FROM broker_head", []) { row in
            heads[try row.integer(0)] = UInt64(bitPattern: try row.integer(1))
        }
        try connection.forEach(
            """
            SELECT session, MIN(first_sequence), MAX(last_sequence), SUM(messages), SUM(bytes) FROM broker_queue GROUP BY session
            """, []
        ) { row in
            let id = try row.integer(0)
            loaded.highestID = max(loaded.highestID, id)
            guard let session = sessions[id] else {
                loaded.orphans.append(id)
                return
            }
            let first = UInt64(bitPattern: try row.integer(1))
            let last = UInt64(bitPattern: try row.integer(2))
            let head = max(first, heads[id] ?? 0)
            let (messages, bytes) = (try row.integer(3), try row.integer(4))
            guard first <= last, last < Self.maxSequence, messages > 0, (0...Self.maxQueueBytes).contains(bytes) else {
                throw StoreError.corrupt(path: "broker_queue", what: "the numbers of the queue of \(session.clientID) make no queue")
            }
            session.nextSequence = last + 1
            session.lastStoredSequence = last
            session.hasStoredQueue = true
            session.accountedBytes = Int(bytes)
            loaded.queuedBytes += session.accountedBytes
            guard head <= last else { return }
            // Of a client that was connected when the program ended, so much may have been under way, but nothing that was not there.
            if session.disconnectedAt == 0 { session.sentThrough = min(head + UInt64(maxInFlight) - 1, last) }
            let count = min(Int(messages), Int(clamping: last - head + 1))
            session.backlog = DiskBacklog(firstSequence: head, count: count, bytes: session.accountedBytes)
        }
        for (id, head) in heads {
            guard let session = sessions[id] else { continue }
            session.nextSequence = max(session.nextSequence, min(head, Self.maxSequence))
        }
    }
}

extension Shard {
    func open(_ broker: Broker) {
        self.broker = broker
        self.journal.onStored = { [weak self] session in
            guard let self, !session.isDiscarded, session.loop == self.index else { return }
            if let filter = session.groupFilter {
                if let queue = self.groupQueues[filter] { self.moveQueue(queue) }
                return
            }
            self.pump(session)
        }
    }

    fileprivate func restore(_ session: Session) {
        session.loop = self.index
        self.sessions[session.clientID] = session
        self.shared.directory.restore(session)
        for (filter, options) in session.subscriptions {
            self.addLocal(session, filter, options)
            let loop = self.index
            let change = InterestChange(
                filter: filter, member: self.isShared(filter) ? self.member(session, options) : nil, clientID: session.clientID)
            self.broadcast({ $0.addRemote(change, loop: loop) }, then: {})
        }
    }

    /// Clients that were connected when the last run ended lost their connection then.
    fileprivate func settleRestored() {
        let now = wallMilliseconds()
        for session in Array(self.sessions.values) where session.connection == nil {
            if session.disconnectedAt != 0 && session.expirySeconds != .max
                && now - session.disconnectedAt >= Int64(session.expirySeconds) * 1000
            {
                self.shared.directory.ifIdle(session) { self.discard(session) }
                continue
            }
            if session.disconnectedAt == 0 {
                session.disconnectedAt = now
                self.journal.record(.disconnected(session: session.id, at: now, sentThrough: session.highestSent))
                if session.will?.delaySeconds == 0 { self.publishWill(of: session) }
            }
            if let delay = session.will?.delaySeconds {
                let due = session.disconnectedAt + Int64(delay) * 1000
                self.arm(.will, at: due, session)
            }
            self.armExpiry(session, from: session.disconnectedAt)
        }
        self.scheduleFlush()
    }
}
