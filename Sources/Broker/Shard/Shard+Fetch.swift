import NIOCore

/// A session comes from the loop where its client was last connected to the loop where it connects now.
///
/// In order: the old loop ends the former connection; the new loop makes a stand-in that holds what arrives; all third loops send to the
/// new one instead of the old; the old loop does so too, waits until its writes for the session are on disk, and hands the state over;
/// the stand-in takes it, then what it held. Each loop's queue is first in, first out, so a publisher's messages keep their order.
/// Meanwhile both may get a message of a third loop, for the sake of other sessions: each loop tells the two when it sends to the new one,
/// so that only one of them takes it.
extension Shard {
    func fetch(_ existing: Session, _ connection: MQTTConnectionHandler, _ packet: ConnectPacket) {
        guard let old = self.broker?.shards[existing.loop] else { return }
        let arrival = Arrival(connection: connection, packet: packet, subscriptions: [])
        old.eventLoop.execute { old.surrender(existing, arrival, to: self) }
    }

    /// On the old loop.
    private func surrender(_ session: Session, _ arrival: Arrival, to new: Shard) {
        self.takeOver(session)
        if session.isDiscarded || !self.resumes(session, arrival.packet) {
            let id = session.isRecorded ? session.id : nil
            if !session.isDiscarded { self.discard(session) }
            self.journal.afterNextCommit {
                new.eventLoop.execute { new.startAfterDiscard(arrival, clientID: session.clientID, replaced: id) }
            }
            return self.scheduleFlush()
        }
        let subscriptions = session.subscriptions.map { ($0.key, $0.value) }
        self.moves[session.clientID] = SessionMove(isArriving: false)
        let next = Arrival(connection: arrival.connection, packet: arrival.packet, subscriptions: subscriptions)
        new.eventLoop.execute { new.prepare(session, next, from: self) }
    }

    private func startAfterDiscard(_ arrival: Arrival, clientID: ExactText, replaced: Int64?) {
        guard arrival.connection.isOpen else { return self.shared.directory.release(clientID, session: nil) }
        self.startSession(arrival.connection, arrival.packet, clientID, replaced: replaced)
    }

    /// On the new loop: the stand-in. It reads nothing of the former session but what never changes.
    private func prepare(_ former: Session, _ arrival: Arrival, from old: Shard) {
        // What this loop's publishers sent so far goes the old way.
        self.sendOutboxes()
        let session = Session(
            clientID: former.clientID, id: former.id, version: arrival.packet.version, expirySeconds: arrival.packet.sessionExpiry,
            loop: self.index)
        session.transit = SessionTransit()
        self.sessions[session.clientID] = session
        self.moves[session.clientID] = SessionMove(isArriving: true)
        var changes: [InterestChange] = []
        for (filter, options) in arrival.subscriptions {
            session.subscriptions[filter] = options
            self.addLocal(session, filter, options)
            let member = self.isShared(filter) ? self.member(session, options) : nil
            let change = InterestChange(filter: filter, member: member, clientID: session.clientID)
            // From here on this loop's own messages go to the stand-in alone.
            if member == nil { self.removeRemote(change, loop: old.index) }
            changes.append(change)
        }
        let from = old.index
        let to = self.index
        let switched = changes
        self.announceRedirection(of: former.clientID, to: [old])
        self.broadcast({ shard in
            guard shard.index != from else { return }
            shard.redirect(switched, from: from, to: to)
            shard.announceRedirection(of: former.clientID, to: [old, self])
        }) {
            old.eventLoop.execute { old.handOver(former, switched, arrival, to: self) }
        }
    }

    /// Messages and this notice go one way, in their order.
    private func announceRedirection(of clientID: ExactText, to shards: [Shard]) {
        let origin = self.index
        for shard in shards { shard.eventLoop.execute { shard.moves[clientID]?.redirected.insert(origin) } }
    }

    /// On a third loop.
    private func redirect(_ changes: [InterestChange], from: Int, to: Int) {
        for change in changes {
            self.addRemote(change, loop: to)
            if change.member == nil { self.removeRemote(change, loop: from) }
        }
    }

    /// On the old loop.
    private func handOver(_ session: Session, _ changes: [InterestChange], _ arrival: Arrival, to new: Shard) {
        self.sendOutboxes()
        for change in changes {
            if change.member == nil { self.removeLocal(session, change.filter) }
            self.addRemote(change, loop: new.index)
        }
        self.sessions[session.clientID] = nil
        self.moves[session.clientID] = nil
        self.announceRedirection(of: session.clientID, to: [new])
        // Its timers on this loop are not wanted any more.
        session.epoch += 1
        self.passUnsettled(of: session, to: new)
        let to = new.index
        // Not before all is on disk, however long that takes: until then the journal holds on to the session's messages.
        self.journal.whenStored {
            session.loop = to
            new.eventLoop.execute { new.adopt(session, arrival) }
        }
        self.scheduleFlush()
    }

    /// On the new loop: the former session's state, then what arrived meanwhile.
    private func adopt(_ former: Session, _ arrival: Arrival) {
        guard let session = self.sessions[former.clientID] else { return }
        session.takeState(of: former)
        let held = session.transit?.held ?? []
        session.transit = nil
        self.moves[session.clientID] = nil
        self.keep(former.unsettled, of: session)
        for message in held {
            let entry = QueuedPublish(
                body: message.body, qos: message.options.qos, isRetained: message.retain, identifiers: message.identifiers)
            entry.receipt = message.receipt
            self.enqueue(entry, for: session)
        }
        if arrival.connection.isOpen {
            self.resume(session, arrival.connection, arrival.packet)
        } else {
            self.armExpiry(session, from: session.disconnectedAt)
            self.shared.directory.release(session.clientID, session: session)
        }
    }
}

/// What the two loops of a session that moves know of the others.
struct SessionMove {
    /// On the new loop.
    let isArriving: Bool
    /// The loops whose messages are for the stand-in.
    var redirected: Set<Int> = []

    /// Whether the session gets this loop's messages on the other side.
    func isElsewhere(for origin: Int) -> Bool { self.redirected.contains(origin) != self.isArriving }
}

/// A CONNECT that waits for its session. The connection is only touched on its own loop; that is the unchecked claim.
private struct Arrival: @unchecked Sendable {
    let connection: MQTTConnectionHandler
    let packet: ConnectPacket
    let subscriptions: [(ExactText, SubscriptionOptions)]
}

extension Session {
    /// Everything but who and where it is.
    fileprivate func takeState(of former: Session) {
        self.received = former.received
        self.will = former.will
        self.window = former.window
        self.nextSequence = former.nextSequence
        self.pending = former.pending
        self.pendingBytes = former.pendingBytes
        self.backlog = former.backlog
        self.backlog.isLoading = false
        self.restoredReleases = former.restoredReleases
        self.sentThrough = former.sentThrough
        self.hasStoredQueue = former.hasStoredQueue
        self.lastStoredSequence = former.lastStoredSequence
        self.accountedBytes = former.accountedBytes
        self.isRecorded = former.isRecorded
        self.disconnectedAt = former.disconnectedAt
        self.epoch = former.epoch + 1
    }
}
