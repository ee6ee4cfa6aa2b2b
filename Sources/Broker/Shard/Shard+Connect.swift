import DequeModule
import Logging
import NIOCore

extension Shard {
    /// An allowed CONNECT becomes a connection with a session: a new one, the client's former one, or that one fetched from another loop
    /// (MQTT 5.0 §3.1.2.4, §3.1.4).
    func attach(_ connection: MQTTConnectionHandler, _ packet: ConnectPacket) {
        let clientID = ExactText(connection.clientID)
        let isAccepted = self.shared.directory.hold(clientID, on: self.eventLoop) { existing in
            self.attach(connection, packet, clientID, existing)
        }
        if !isAccepted { connection.refuse(.serverUnavailable, reason: "too many connections compete for this client identifier") }
    }

    private func attach(_ connection: MQTTConnectionHandler, _ packet: ConnectPacket, _ clientID: ExactText, _ existing: Session?) {
        guard connection.isOpen else {
            self.shared.directory.release(clientID, session: existing)
            return
        }
        guard let existing, !existing.isDiscarded else { return self.startSession(connection, packet, clientID, replaced: nil) }
        guard existing.loop == self.index else { return self.fetch(existing, connection, packet) }
        self.takeOver(existing)
        if self.resumes(existing, packet) {
            self.resume(existing, connection, packet)
        } else {
            let id = existing.isRecorded ? existing.id : nil
            if !existing.isDiscarded { self.discard(existing) }
            self.startSession(connection, packet, clientID, replaced: id)
        }
    }

    func resumes(_ session: Session, _ packet: ConnectPacket) -> Bool {
        !packet.isCleanStart && !session.isDiscarded && (session.version == packet.version || self.profile.resumesAcrossVersions)
    }

    /// The client's former connection ends (MQTT 5.0 §3.1.4, [MQTT-3.1.4-3]).
    func takeOver(_ session: Session) {
        guard let old = session.connection else { return }
        self.counters.takeovers += 1
        self.logger.info(
            "session taken over",
            metadata: ["client": "\(session.clientID)", "former": "\(old.facts.remoteAddress):\(old.facts.remotePort)"])
        old.shut(.duplicateClientID, code: .sessionTakenOver, reason: "another connection uses this client identifier")
    }

    func startSession(
        _ connection: MQTTConnectionHandler, _ packet: ConnectPacket, _ clientID: ExactText, replaced: Int64?
    ) {
        if self.shared.directory.count > self.profile.maxSessions {
            self.shared.directory.release(clientID, session: nil)
            return connection.refuse(.quotaExceeded, reason: "the server holds as many sessions as it may")
        }
        let session = Session(
            clientID: clientID, id: self.shared.nextID(), version: packet.version, expirySeconds: packet.sessionExpiry, loop: self.index)
        self.sessions[clientID] = session
        self.join(session, connection, packet, isPresent: false, mustCommit: replaced != nil)
    }

    func resume(_ session: Session, _ connection: MQTTConnectionHandler, _ packet: ConnectPacket) {
        session.version = packet.version
        session.expirySeconds = packet.sessionExpiry
        self.join(session, connection, packet, isPresent: true, mustCommit: session.isRecorded)
    }

    /// Binds the two together. CONNACK waits for the disk when the session is to outlive the process.
    private func join(
        _ session: Session, _ connection: MQTTConnectionHandler, _ packet: ConnectPacket, isPresent: Bool, mustCommit: Bool
    ) {
        session.epoch += 1
        session.connectionCount = self.connectionCounts.next(session.clientID)
        session.connection = connection
        session.principalID = connection.facts.principal.id
        session.connectedAt = wallMilliseconds()
        session.disconnectedAt = 0
        session.will = packet.will.map { self.will($0, publisher: session.clientID.text) }
        connection.session = session
        self.invalidateRoutes()
        if session.isPersistent {
            session.isRecorded = true
            self.journal.record(.session(self.record(session)))
        } else if session.isRecorded {
            // A persistent session that was resumed to end with this connection.
            session.isRecorded = false
            self.journal.record(.deleteSession(session.id))
        }
        let finish = {
            self.shared.directory.release(session.clientID, session: session.isDiscarded ? nil : session)
            connection.connected(isSessionPresent: isPresent)
        }
        if session.isPersistent || mustCommit {
            self.journal.record(.nothing) { isStored in
                if !isStored { connection.refuse(.serverUnavailable, reason: "the session could not be stored") }
                finish()
            }
            self.scheduleFlush()
        } else {
            finish()
        }
    }

    private func will(_ fields: WillFields, publisher: String) -> Will {
        fields.topic.withUnsafeBytes { topic in
            fields.properties.withUnsafeBytes { properties in
                fields.payload.withUnsafeBytes { payload in
                    let body = MessageBody(
                        id: self.shared.nextID(), topic: topic,
                        properties: properties.isEmpty ? ForwardedProperties() : ForwardedProperties(properties), payload: payload,
                        qos: fields.qos, isRetained: fields.isRetained, expiresAt: 0, publishedAt: 0, publisher: publisher)
                    return Will(body: body, delaySeconds: fields.delaySeconds, messageExpiry: fields.messageExpiry)
                }
            }
        }
    }

    func record(_ session: Session) -> SessionRecord {
        SessionRecord(
            id: session.id, clientID: session.clientID.text, version: session.version, expirySeconds: session.expirySeconds,
            disconnectedAt: session.disconnectedAt, principal: session.principalID, will: session.will?.body,
            willDelaySeconds: session.will?.delaySeconds ?? 0, willExpirySeconds: session.will?.messageExpiry,
            sentThrough: session.highestSent)
    }

    // MARK: The end of a connection

    /// The connection of a session ended.
    func detach(_ session: Session, _ connection: MQTTConnectionHandler, _ cause: DisconnectCause, publishesWill: Bool) {
        guard session.connection === connection else { return }
        session.connection = nil
        session.epoch += 1
        session.retainedQueue = []
        if !publishesWill { session.will = nil }
        let now = wallMilliseconds()
        session.disconnectedAt = now
        guard session.isPersistent else {
            self.publishWill(of: session)
            self.discard(session)
            self.shared.directory.remove(session)
            return
        }
        session.releaseQueueMemory()
        self.invalidateRoutes()
        self.announcePresence(session)
        self.armExpiry(session, from: now)
        let delay = session.will?.delaySeconds ?? 0
        if delay > 0 {
            // The will goes when its delay is over or the session ends, whichever is first (MQTT 5.0 §3.1.3.2.2).
            self.journal.record(.session(self.record(session)))
            self.arm(.will, at: now + Int64(delay) * 1000, session)
        } else if session.will != nil {
            self.journal.record(.disconnected(session: session.id, at: now, sentThrough: session.highestSent))
            self.publishWill(of: session)
        } else {
            self.journal.record(.session(self.record(session)))
        }
        self.scheduleFlush()
    }

    func armExpiry(_ session: Session, from time: Int64) {
        if session.expirySeconds == .max { return }
        self.arm(.sessionEnd, at: time + Int64(session.expirySeconds) * 1000, session)
    }

    /// The session ends: nothing of it is kept. A will that waits for its delay is published now (MQTT 5.0 §3.1.2.5).
    func discard(_ session: Session) {
        if session.isDiscarded { return }
        self.publishWill(of: session)
        for filter in session.subscriptions.keys { self.unsubscribe(session, filter) }
        session.end()
        if self.sessions[session.clientID] === session { self.sessions[session.clientID] = nil }
        for entry in session.pending { entry.finishReceipt() }
        session.window.forEachUnsettled { _, entry in entry.payload?.finishReceipt() }
        session.pending = []
        if session.isRecorded { self.journal.record(.deleteSession(session.id)) }
        self.shared.totals.subtract(session.accountedBytes)
        session.accountedBytes = 0
        if session.hasStoredQueue || session.isRecorded { self.purgeQueue(of: session) }
        self.scheduleFlush()
    }

    /// Takes the ended session's rows from the disk, after the commit that says which of their messages were finished.
    func purgeQueue(of session: Session) {
        let id = session.id
        self.journal.whenStored { [weak self] in self?.broker?.purge.add(id) }
    }

    func publishWill(of session: Session) {
        guard let will = session.will else { return }
        session.will = nil
        let now = wallMilliseconds()
        let expiresAt = will.messageExpiry.map { now + Int64(min($0, self.profile.maxMessageExpirySeconds ?? .max)) * 1000 } ?? 0
        let receipt = will.body.withView { view in
            var view = view
            view.expiresAt = expiresAt
            return self.publishInternally(
                view, qos: will.body.qos, isRetained: will.body.isRetained, publisherID: session.clientID.text)
        }
        // The stored will goes when the message is safe: its receivers may belong to another loop, whose commit is another one.
        guard session.isRecorded else { return }
        self.after(receipt) {
            guard session.isRecorded, !session.isDiscarded, session.loop == self.index else { return }
            self.journal.record(.session(self.record(session)))
            self.scheduleFlush()
        }
    }

    private func after(_ receipt: PublishReceipt?, _ action: @escaping () -> Void) {
        guard let receipt, !receipt.isDone else { return action() }
        receipt.whenDone(action)
    }

    /// A message of the broker's own or of a service, from this loop.
    @discardableResult
    func publishInternally(_ view: MessageView, qos: UInt8, isRetained: Bool, publisherID: String) -> PublishReceipt? {
        var publication = Publication(view: view, qos: qos, isRetained: isRetained, publisher: nil, publisherID: publisherID)
        self.counters.received += 1
        if isRetained { self.retain(&publication) }
        self.publish(&publication, on: self.route(for: view.topic))
        return publication.receipt
    }

    /// Retained messages whose time has come that one sweep removes; more wait for the next.
    private static let maxExpiredRetained = 4096

    /// Removes retained messages that have expired, also from the disk. One loop does it for all.
    func removeExpiredRetained() {
        guard self.index == 0 else { return }
        let topics = self.shared.retained.removeExpired(at: wallMilliseconds(), limit: Self.maxExpiredRetained)
        guard !topics.isEmpty else { return }
        self.counters.droppedExpired += topics.count
        for topic in topics { self.journal.record(.retained(topic: topic, of: self.shared.retained)) { _ in } }
        self.scheduleFlush()
    }

    /// Keeps or removes the topic's retained message (MQTT 5.0 §3.3.1.3). `false`: the limit is reached.
    @discardableResult
    func retain(_ publication: inout Publication) -> Bool {
        let topic = String(decoding: publication.view.topic, as: UTF8.self)
        if publication.view.payload.isEmpty {
            // Also when there is none: another loop may have removed it, and its write may not be on disk yet.
            if !self.shared.retained.remove(topic) && publication.qos == 0 { return true }
        } else if !self.shared.retained.set(publication.body(self.shared)) {
            self.counters.droppedQueueFull += 1
            return false
        }
        let receipt = publication.expectReceipt()
        self.journal.record(.retained(topic: topic, of: self.shared.retained)) { isStored in
            if isStored { receipt?.complete() } else { receipt?.fail() }
        }
        self.scheduleFlush()
        return true
    }
}
