import NIOCore

extension Shard {
    /// Sends a message on its way to everybody who subscribes. The publisher's acknowledgement may be sent when the publication's receipt
    /// is done (at once if there is none).
    @inline(__always)
    func publish(_ publication: inout Publication, on route: Route) {
        for i in route.targets.indices { self.deliver(&publication, to: route.targets[i]) }
        if !route.services.isEmpty { self.deliver(&publication, to: route.services) }
        if !route.gathered.isEmpty { self.gather(&publication, on: route) }
        for group in route.groups { self.deliver(&publication, to: group) }
        for loop in route.remoteLoops {
            if publication.qos == 0 && self.shared.bytesToLoops.isTooMuch(loop) {
                self.counters.droppedSlowReader += 1
                continue
            }
            self.outboxes[loop].append(
                RemotePublish(
                    body: publication.body(self.shared), receipt: publication.expectReceipt(), member: nil,
                    received: publication.received))
            self.scheduleFlush()
        }
    }

    @inline(never)
    private func gather(_ publication: inout Publication, on route: Route) {
        for gathered in route.gathered { gathered.outbox.add(&publication, for: gathered.receivers, of: route) }
        self.scheduleFlush()
    }

    private func deliver(_ publication: inout Publication, to services: [any ImmediateSubscriber]) {
        let body = publication.body(self.shared)
        let origin = publication.origin ?? publication.publisher?.connection.map { MessageOrigin($0.facts) }
        for service in services {
            let receipt = service.holdsAcknowledgements ? publication.expectReceipt() : nil
            service.receive(
                ServiceDelivery(message: body, origin: origin, receipt: receipt.map { ServiceReceipt($0, shard: self) }))
        }
    }

    @inline(__always)
    func deliver(_ publication: inout Publication, to target: RouteTarget) {
        let session = target.session
        var granted = target.qos
        if session === publication.publisher || (publication.publisher == nil && self.isOwn(publication, session)) {
            guard let own = target.qosForOwn else { return }
            granted = own
        }
        let qos = min(publication.qos, granted)
        let retain = target.retainAsPublished && publication.isRetained
        guard let connection = session.connection, session.transit == nil else {
            self.keep(&publication, for: session, qos: qos, retain: retain, identifiers: target.identifiers)
            return
        }
        if target.permission != .allowed && !connection.mayReceive(publication.view.topic) { return }
        if connection.isTooLarge(publication.view, qos: qos, identifiers: target.identifiers) {
            self.counters.droppedTooLarge += 1
            return
        }
        if qos == 0 {
            connection.sendQoS0(publication.view, retain: retain, identifiers: target.identifiers)
        } else if !session.isPersistent && connection.canSendNow(session) {
            let id = session.window.append(session.takeSequence(), qos: qos, payload: nil)
            connection.appendPublish(publication.view, qos: qos, retain: retain, packetID: id, identifiers: target.identifiers)
        } else {
            self.keep(&publication, for: session, qos: qos, retain: retain, identifiers: target.identifiers)
        }
    }

    private func isOwn(_ publication: Publication, _ session: Session) -> Bool {
        !publication.publisherID.isEmpty && session.clientID == ExactText(publication.publisherID)
    }

    /// Queues a QoS 1 or 2 message for a session.
    private func keep(_ publication: inout Publication, for session: Session, qos: UInt8, retain: Bool, identifiers: [UInt32]) {
        if qos == 0 || session.isDiscarded || (!session.isPersistent && session.connection == nil) {
            self.counters.droppedOffline += 1
            return
        }
        let body = publication.body(self.shared)
        let receipt = session.isPersistent ? publication.expectReceipt() : nil
        if let transit = session.transit {
            transit.held.append((body, SubscriptionOptions(qos: qos), identifiers, retain, receipt))
            return
        }
        let entry = QueuedPublish(body: body, qos: qos, isRetained: retain, identifiers: identifiers)
        entry.receipt = receipt
        self.enqueue(entry, for: session)
    }

    /// A queue's bounds, then its order: in memory while the client keeps up, on disk beyond.
    func enqueue(_ entry: QueuedPublish, for session: Session) {
        let bytes = entry.body.byteCount
        if session.queuedMessages >= self.profile.maxQueuedMessages || session.queuedBytes + bytes > self.profile.maxQueuedBytes
            || self.shared.totals.bytes + bytes > self.profile.maxTotalQueuedBytes
            || self.journal.isFull
        {
            self.counters.droppedQueueFull += 1
            entry.finishReceipt()
            return
        }
        entry.sequence = session.takeSequence()
        let fitsMemory =
            session.connection != nil && session.backlog.count == 0 && session.pending.count < self.profile.maxMemoryQueueMessages
            && session.pendingBytes + bytes <= self.profile.maxMemoryQueueBytes
        if fitsMemory {
            session.appendPending(entry)
        } else {
            session.backlog.append(sequence: entry.sequence, bytes: bytes)
        }
        if session.isPersistent || !fitsMemory { self.journal.append(entry, for: session) }
        if fitsMemory { self.pump(session) }
        self.scheduleFlush()
    }

    /// One member of the group gets the message (MQTT 5.0 §4.8.2); while none is online, or others wait already, it waits for the group.
    private func deliver(_ publication: inout Publication, to group: SharedGroup, attempts: Int = 0) {
        let goesBehind = group.isQueued && group.waits(qos: publication.qos)
        guard !goesBehind, attempts < Self.maxPicks, let member = group.pickOnline() else {
            if !self.enqueue(&publication, for: group, attempts: attempts) { self.counters.droppedOffline += 1 }
            return
        }
        guard member.loop == self.index else {
            if publication.qos == 0 && self.shared.bytesToLoops.isTooMuch(member.loop) {
                self.counters.droppedSlowReader += 1
                return
            }
            self.outboxes[member.loop].append(
                RemotePublish(
                    body: publication.body(self.shared), receipt: publication.expectReceipt(), member: member, group: group.filter,
                    attempts: attempts + 1))
            self.scheduleFlush()
            return
        }
        self.deliver(&publication, to: member, of: group, attempts: attempts)
    }

    /// Members that are tried for one message when those picked leave at the same moment.
    private static var maxPicks: Int { 8 }

    private func deliver(_ publication: inout Publication, to member: SharedGroup.Member, of group: SharedGroup?, attempts: Int) {
        if let session = self.sessions[member.clientID], session.connection != nil || session.transit != nil {
            return self.deliver(&publication, to: self.target(member, session))
        }
        // It left while the message was on its way from another loop: the next one.
        if let group { return self.deliver(&publication, to: group, attempts: attempts + 1) }
        self.counters.droppedOffline += 1
    }

    func target(_ member: SharedGroup.Member, _ session: Session) -> RouteTarget {
        let options = member.options
        return RouteTarget(
            session: session, qos: options.qos, qosForOwn: options.qos, retainAsPublished: options.retainAsPublished,
            identifiers: options.identifier == 0 ? [] : [options.identifier],
            permission: session.connection == nil ? .later : .perMessage)
    }

    // MARK: Between loops

    /// What another loop's publishers sent here in one tick.
    func receive(_ batch: [RemotePublish], from origin: Int) {
        for item in batch {
            item.body.withView { view in
                var publication = Publication(body: item.body, view: view, publisher: nil)
                if let member = item.member, item.isFromQueue {
                    if !self.offer(&publication, to: member), let receipt = item.receipt {
                        return self.finish(receipt, of: origin, failed: true)
                    }
                } else if let member = item.member {
                    let group = item.group.flatMap { self.groups[$0] }
                    self.deliver(&publication, to: member, of: group, attempts: item.attempts)
                } else if let filter = item.group {
                    if let group = self.groups[filter] { self.deliver(&publication, to: group, attempts: item.attempts) }
                } else {
                    let route = self.route(for: view.topic)
                    for i in route.targets.indices where !self.isElsewhere(route.targets[i].session, for: origin) {
                        self.deliver(&publication, to: route.targets[i])
                    }
                }
                if let mark = item.received { self.record(mark, publication.expectReceipt()) }
                if let receipt = item.receipt { self.answer(receipt, of: origin, after: publication.receipt) }
            }
        }
    }

    /// Whether the session gets the other loop's messages elsewhere.
    @inline(__always)
    private func isElsewhere(_ session: Session, for origin: Int) -> Bool {
        !self.moves.isEmpty && self.moves[session.clientID]?.isElsewhere(for: origin) == true
    }

    /// Notes a publisher's QoS 2 identifier.
    func record(_ mark: ReceivedMark, _ receipt: PublishReceipt?) {
        self.journal.record(.received(session: mark.session, packetID: mark.packetID)) { isStored in
            if isStored { receipt?.complete() } else { receipt?.fail() }
        }
        self.scheduleFlush()
    }

    private func answer(_ receipt: PublishReceipt, of origin: Int, after local: PublishReceipt?) {
        guard let local, !local.isDone else {
            self.finish(receipt, of: origin, failed: local?.hasFailed ?? false)
            return
        }
        local.whenDone { [weak self, unowned local] in self?.finish(receipt, of: origin, failed: local.hasFailed) }
    }

    private func finish(_ receipt: PublishReceipt, of origin: Int, failed: Bool) {
        self.finishedReceipts[origin].append(RemoteReceipt(receipt: receipt, hasFailed: failed))
        self.scheduleFlush()
    }
}
