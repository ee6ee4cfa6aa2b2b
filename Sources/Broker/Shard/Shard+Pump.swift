import DequeModule
import Logging
import NIOCore
import Storage

extension Shard {
    /// Sends what a session's client can take: first what is in memory, then what is on disk, then retained messages.
    func pump(_ session: Session) {
        guard let connection = session.connection, connection.isReadyForMessages, session.transit == nil else { return }
        guard self.resendPublishes(session, connection) else { return }
        while let entry = session.pending.first {
            guard session.window.canSend(entry.sequence, limit: connection.sendLimit), connection.hasRoom else { return }
            // QoS 2 is exactly once also through a crash: its packet identifier is on disk before the client sees it.
            if entry.qos == 2 && session.isPersistent && !entry.isStored { return }
            _ = session.popPending()
            self.send(entry, session, connection)
        }
        if session.backlog.count > 0 {
            self.loadBacklog(session)
        } else {
            self.pumpRetained(session, connection)
        }
    }

    private func send(_ entry: QueuedPublish, _ session: Session, _ connection: MQTTConnectionHandler) {
        if entry.isReleased {
            // The client has the message, expired or not, and keeps its identifier until PUBREL.
            let id = session.window.append(entry.sequence, qos: 2, state: .released, payload: entry)
            connection.appendAcknowledgement(.pubrel, id)
            return
        }
        let isExpired = entry.body.isExpired(at: wallMilliseconds())
        let fate: MQTTConnectionHandler.SendFate =
            isExpired ? .refused : entry.body.withView { connection.fate(of: $0, qos: entry.qos, identifiers: entry.identifiers) }
        guard case .sendable = fate else {
            if isExpired { self.counters.droppedExpired += 1 }
            entry.isSettled = true
            entry.finishReceipt()
            session.window.skip(entry.sequence, payload: entry) { self.journal.finished($0, of: session) }
            return
        }
        let keeps = session.isPersistent || entry.isStored
        let id = session.window.append(entry.sequence, qos: entry.qos, payload: keeps ? entry : nil)
        entry.body.withView {
            connection.appendPublish(
                $0, qos: entry.qos, retain: entry.isRetained, isDuplicate: entry.wasSent, packetID: id, identifiers: entry.identifiers)
        }
    }

    /// Retained messages for new subscriptions wait in a list of references, so that a storm of them costs no copies.
    private func pumpRetained(_ session: Session, _ connection: MQTTConnectionHandler) {
        // Queueing one of them pumps: the loop that is under way goes on.
        if session.isPumpingRetained { return }
        session.isPumpingRetained = true
        defer { session.isPumpingRetained = false }
        while let next = session.retainedQueue.first, connection.hasRoom, session.pending.isEmpty {
            session.retainedQueue.removeFirst()
            if next.body.isExpired(at: wallMilliseconds()) { continue }
            let fate = next.body.withView { connection.fate(of: $0, qos: next.qos, identifiers: [next.identifier]) }
            guard case .sendable = fate else { continue }
            let qos = min(next.qos, next.body.qos)
            let identifiers = next.identifier == 0 ? [] : [next.identifier]
            if qos == 0 {
                next.body.withView { connection.sendQoS0($0, retain: true, identifiers: identifiers) }
            } else {
                self.enqueue(QueuedPublish(body: next.body, qos: qos, isRetained: true, identifiers: identifiers), for: session)
                if session.pending.count > 0 || session.backlog.count > 0 { return }
            }
        }
        if session.retainedQueue.isEmpty { session.retainedQueue = [] }
    }

    // MARK: From the disk

    /// Messages and bytes that one read brings back.
    private static var pageMessages: Int { 512 }

    private func loadBacklog(_ session: Session) {
        if session.backlog.isLoading { return }
        session.backlog.isLoading = true
        let id = session.id
        let from = session.backlog.firstSequence
        let epoch = session.epoch
        let bytes = self.profile.maxMemoryQueueBytes
        let writes = self.journal.writesDone
        let page = QueuePage()
        self.shared.store.submitRead { connection in
            try page.load(connection, session: id, from: from, maxMessages: Self.pageMessages, maxBytes: bytes)
        } completion: { error in
            self.eventLoop.execute { self.loaded(page, error, session, epoch: epoch, writes: writes) }
        }
    }

    private func loaded(_ page: QueuePage, _ error: (any Error)?, _ session: Session, epoch: UInt64, writes: UInt64) {
        session.backlog.isLoading = false
        if session.isDiscarded || session.loop != self.index { return }
        // Read for a connection that has ended: what was in memory then is in the backlog again, so the page is not the next one.
        if session.epoch != epoch { return self.pump(session) }
        if let error {
            self.logger.error("cannot read a session's queue", metadata: ["client": "\(session.clientID)", "error": "\(error)"])
            session.connection?.shut(.serverError, code: .unspecifiedError, reason: "the stored queue cannot be read")
            return
        }
        for damage in page.damage {
            self.logger.error(
                "messages of a stored queue are lost", metadata: ["client": "\(session.clientID)", "error": "\(damage)"])
        }
        if page.entries.isEmpty {
            // What is there is being committed now: the journal pumps again when it is done.
            if self.journal.isWriting(session) { return }
            // It was committed behind the back of this read.
            if self.journal.writesDone != writes { return self.pump(session) }
            self.logger.error("messages that waited on disk are not there", metadata: ["client": "\(session.clientID)"])
            session.backlog = DiskBacklog()
            return
        }
        for stored in page.entries {
            guard stored.sequence >= session.backlog.firstSequence else { continue }
            session.backlog.count -= 1
            session.backlog.firstSequence = stored.sequence + 1
            guard let body = stored.body else { continue }
            session.backlog.bytes -= body.byteCount
            let entry = QueuedPublish(body: body, qos: stored.qos, isRetained: stored.isRetained, identifiers: stored.identifiers)
            entry.sequence = stored.sequence
            entry.isStored = true
            entry.isAccounted = true
            entry.isBodyShared = stored.sharedID != nil
            entry.isReleased = session.restoredReleases.contains(stored.sequence)
            entry.wasSent = stored.sequence <= session.sentThrough
            session.appendPending(entry)
        }
        if session.backlog.count <= 0 { session.backlog = DiskBacklog() }
        self.pump(session)
    }

    // MARK: Acknowledgements of the client

    /// PUBACK (MQTT 5.0 §3.4). One that nothing waits for is ignored: the message may have been finished before a restart.
    @inline(__always)
    func acknowledged(_ packetID: UInt16, _ session: Session) {
        let result = session.window.acknowledged(packetID, qos: 1) { self.journal.finished($0, of: session) }
        if case .settled(let entry) = result, let entry { self.settle(entry, session) }
        if !session.pending.isEmpty || session.backlog.count > 0 || session.window.unsent > 0 || !session.retainedQueue.isEmpty {
            self.pump(session)
        }
    }

    private func settle(_ entry: QueuedPublish, _ session: Session) {
        entry.isSettled = true
        entry.finishReceipt()
        if entry.isStored || session.hasStoredQueue { self.journal.markHead(session) }
    }

    /// PUBREC (MQTT 5.0 §3.5): from here on the message itself is never sent again.
    func received(_ packet: AcknowledgementPacket, _ session: Session, _ connection: MQTTConnectionHandler) {
        let id = packet.packetID
        if packet.reason.isFailure {
            let result = session.window.acknowledged(id, qos: 2) { self.journal.finished($0, of: session) }
            if case .settled(let entry) = result, let entry { self.settle(entry, session) }
            self.pump(session)
            return
        }
        guard case .release(let sequence, _) = session.window.received(id) else {
            connection.appendAcknowledgement(.pubrel, id, reason: .packetIdentifierNotFound)
            return
        }
        guard session.isPersistent else {
            connection.appendAcknowledgement(.pubrel, id)
            return
        }
        self.journal.record(.released(session: session.id, sequence: sequence))
        // However often that has to be tried: the client waits for nothing else.
        self.journal.whenStored { [weak connection] in connection?.appendAcknowledgement(.pubrel, id) }
        self.scheduleFlush()
    }

    /// PUBCOMP (MQTT 5.0 §3.7).
    func completed(_ packetID: UInt16, _ session: Session) {
        let result = session.window.completed(packetID) { self.journal.finished($0, of: session) }
        if case .settled(let entry) = result {
            if let entry { self.settle(entry, session) }
        }
        self.pump(session)
    }

    /// What was under way when the session's last connection ended is sent again, in order and with its identifiers ([MQTT-4.4.0-1]):
    /// PUBRELs now, publishes as the window opens.
    func resend(_ session: Session, _ connection: MQTTConnectionHandler) {
        session.window.forEachUnsettled { sequence, entry in
            if entry.state == .released { connection.appendAcknowledgement(.pubrel, OutboundWindow<QueuedPublish>.packetID(sequence)) }
        }
        session.window.rewind()
    }

    /// Messages that the client has left unacknowledged for long are sent once more, as far as there is room; the rest is due again later.
    func resend(_ due: Range<UInt64>, of session: Session, _ connection: MQTTConnectionHandler) {
        session.window.forEachInFlight(in: due) { sequence, entry in
            guard connection.hasRoom else { return }
            let id = OutboundWindow<QueuedPublish>.packetID(sequence)
            if entry.state == .released { return connection.appendAcknowledgement(.pubrel, id) }
            guard let publish = entry.payload, !publish.body.isExpired(at: wallMilliseconds()) else { return }
            publish.body.withView {
                connection.appendPublish(
                    $0, qos: publish.qos, retain: publish.isRetained, isDuplicate: true, packetID: id, identifiers: publish.identifiers)
            }
        }
    }

    /// Whether all of them are sent.
    private func resendPublishes(_ session: Session, _ connection: MQTTConnectionHandler) -> Bool {
        while session.window.unsent > 0 {
            guard session.window.inFlight < connection.sendLimit, connection.hasRoom else { return false }
            guard let (sequence, payload) = session.window.takeUnsent(), let publish = payload else { continue }
            let id = OutboundWindow<QueuedPublish>.packetID(sequence)
            let fate = publish.body.withView { connection.fate(of: $0, qos: publish.qos, identifiers: publish.identifiers) }
            guard case .sendable = fate else {
                self.drop(id, qos: publish.qos, session)
                continue
            }
            publish.body.withView {
                connection.appendPublish(
                    $0, qos: publish.qos, retain: publish.isRetained, isDuplicate: true, packetID: id, identifiers: publish.identifiers)
            }
        }
        return true
    }

    /// A message that this connection may not get, or is too large for it, is finished as if it had been sent ([MQTT-3.1.2-25]).
    private func drop(_ packetID: UInt16, qos: UInt8, _ session: Session) {
        let result = session.window.acknowledged(packetID, qos: qos) { self.journal.finished($0, of: session) }
        if case .settled(let entry) = result, let entry { self.settle(entry, session) }
    }
}
