import Logging
import NIOCore
import Storage

extension Shard {
    func hasQueue(of filter: ExactText) -> Bool { self.queueLoop(filter) == self.index }

    /// The loop that has the group's queue.
    private func queueLoop(_ filter: ExactText) -> Int {
        var text = filter.text
        let hash = text.withUTF8 { topicHash(UnsafeRawBufferPointer($0)) }
        return Int(hash % UInt64(self.outboxes.count))
    }

    /// Puts a message that no member can take now into the group's queue. `false`: nobody will come back for it.
    func enqueue(_ publication: inout Publication, for group: SharedGroup, attempts: Int) -> Bool {
        guard group.waits(qos: publication.qos) else { return false }
        let loop = self.queueLoop(group.filter)
        guard loop == self.index else {
            self.outboxes[loop].append(
                RemotePublish(
                    body: publication.body(self.shared), receipt: publication.expectReceipt(), member: nil, group: group.filter,
                    attempts: attempts + 1))
            self.scheduleFlush()
            return true
        }
        let queue = self.groupQueues[group.filter] ?? self.makeQueue(group.filter)
        let entry = QueuedPublish(body: publication.body(self.shared), qos: publication.qos, isRetained: false, identifiers: [])
        entry.receipt = publication.expectReceipt()
        self.enqueue(entry, for: queue.session)
        self.announceQueue(queue)
        self.moveQueue(queue)
        return true
    }

    private func makeQueue(_ filter: ExactText) -> GroupQueue {
        let queue = GroupQueue(filter: filter, id: self.shared.nextID(), loop: self.index)
        self.groupQueues[filter] = queue
        self.journal.record(.groupQueue(queue.session.id, filter: filter.text))
        return queue
    }

    /// All loops learn whether messages wait for the group.
    private func announceQueue(_ queue: GroupQueue) {
        let filter = queue.filter
        let isQueued = !queue.isEmpty
        if isQueued == queue.isAnnounced { return }
        queue.isAnnounced = isQueued
        self.groups[filter]?.isQueued = isQueued
        self.broadcast({ $0.groups[filter]?.isQueued = isQueued }, then: {})
    }

    func restore(_ queue: GroupQueue) {
        queue.session.loop = self.index
        self.groupQueues[queue.filter] = queue
        guard self.groups[queue.filter] != nil else { return self.discardQueue(queue.filter) }
        self.announceQueue(queue)
    }

    /// The group has no members any more.
    func discardQueue(_ filter: ExactText) {
        guard let queue = self.groupQueues.removeValue(forKey: filter) else { return }
        queue.session.end()
        self.shared.totals.subtract(queue.session.accountedBytes)
        queue.session.accountedBytes = 0
        self.journal.record(.deleteGroupQueue(queue.session.id))
        self.purgeQueue(of: queue.session)
        self.scheduleFlush()
    }

    // MARK: From the queue to the members

    /// Queues whose members could not take all: twice a second.
    func moveQueues() {
        for queue in self.groupQueues.values where !queue.isEmpty { self.moveQueue(queue) }
    }

    /// Gives the next page to the members that are online.
    func moveQueue(_ queue: GroupQueue) {
        guard !queue.isMoving, !queue.isEmpty, let group = self.groups[queue.filter], group.members.contains(where: \.isOnline) else {
            return
        }
        queue.isMoving = true
        let session = queue.session
        let id = session.id
        let from = session.backlog.firstSequence
        let writes = self.journal.writesDone
        let page = QueuePage()
        self.shared.store.submitRead { connection in
            try page.load(connection, session: id, from: from, maxMessages: GroupQueue.pageMessages, maxBytes: GroupQueue.pageBytes)
        } completion: { error in
            self.eventLoop.execute { self.loaded(page, error, queue, writes: writes) }
        }
    }

    private func loaded(_ page: QueuePage, _ error: (any Error)?, _ queue: GroupQueue, writes: UInt64) {
        if queue.session.isDiscarded { return }
        if let error {
            queue.isMoving = false
            self.logger.error("cannot read a share group's queue", metadata: ["group": "\(queue.filter)", "error": "\(error)"])
            return
        }
        let first = queue.session.backlog.firstSequence
        let stored = page.entries.filter { $0.sequence >= first }
        guard !stored.isEmpty else {
            queue.isMoving = false
            // What is there is being committed now: the journal calls again when it is done.
            if self.journal.isWriting(queue.session) { return }
            // It was committed behind the back of this read.
            if self.journal.writesDone != writes { return self.moveQueue(queue) }
            self.logger.error("messages that waited on disk are not there", metadata: ["group": "\(queue.filter)"])
            queue.session.backlog = DiskBacklog()
            return self.announceQueue(queue)
        }
        let entries = stored.map { stored in
            let entry = QueuedPublish(
                body: stored.body ?? MessageBody.lost, qos: stored.qos, isRetained: false, identifiers: [])
            entry.sequence = stored.sequence
            entry.isStored = true
            entry.isAccounted = true
            entry.isBodyShared = stored.sharedID != nil
            // A body that is not there any more is nobody's.
            entry.isSettled = stored.body == nil
            return entry
        }
        let moving = GroupPage(entries) { [weak self] in self?.finish($0, of: queue) }
        for i in entries.indices { self.move(entries[i], i, of: moving, queue) }
    }

    private func move(_ entry: QueuedPublish, _ i: Int, of page: GroupPage, _ queue: GroupQueue) {
        if entry.isSettled || queue.moved.contains(entry.sequence) { return page.settle(i, isMoved: true) }
        if entry.body.isExpired(at: wallMilliseconds()) {
            self.counters.droppedExpired += 1
            return page.settle(i, isMoved: true)
        }
        guard let member = self.groups[queue.filter]?.pickOnline() else { return page.settle(i, isMoved: false) }
        guard member.loop == self.index else {
            let receipt = PublishReceipt()
            receipt.expect(1)
            receipt.whenDone { [unowned receipt] in page.settle(i, isMoved: !receipt.hasFailed) }
            self.outboxes[member.loop].append(
                RemotePublish(body: entry.body, receipt: receipt, member: member, group: queue.filter, isFromQueue: true))
            return self.scheduleFlush()
        }
        entry.body.withView { view in
            var publication = Publication(body: entry.body, view: view, publisher: nil)
            guard self.offer(&publication, to: member) else { return page.settle(i, isMoved: false) }
            guard let receipt = publication.receipt, !receipt.isDone else {
                return page.settle(i, isMoved: !(publication.receipt?.hasFailed ?? false))
            }
            receipt.whenDone { [unowned receipt] in page.settle(i, isMoved: !receipt.hasFailed) }
        }
    }

    /// Delivers a message of the group's queue to a member of this loop that can take it.
    func offer(_ publication: inout Publication, to member: SharedGroup.Member) -> Bool {
        guard let session = self.sessions[member.clientID], let connection = session.connection, connection.isReadyForMessages,
            session.transit == nil, session.queuedMessages < GroupQueue.maxMemberQueue
        else { return false }
        self.deliver(&publication, to: self.target(member, session))
        return true
    }

    /// What was moved goes from the disk as far as nothing before it waits.
    private func finish(_ page: GroupPage, of queue: GroupQueue) {
        queue.isMoving = false
        let session = queue.session
        if session.isDiscarded { return }
        var isPrefix = true
        for (entry, isMoved) in zip(page.entries, page.isMoved) {
            isPrefix = isPrefix && isMoved
            if isPrefix {
                session.backlog.count -= 1
                session.backlog.bytes -= entry.body.byteCount
                session.backlog.firstSequence = entry.sequence + 1
                queue.moved.remove(entry.sequence)
                self.journal.finished(entry, of: session)
            } else if isMoved {
                queue.moved.insert(entry.sequence)
            }
        }
        if session.backlog.count <= 0 { session.backlog = DiskBacklog() }
        self.announceQueue(queue)
        self.scheduleFlush()
        // Otherwise a member had no room: again at the next sweep.
        if isPrefix { self.moveQueue(queue) }
    }
}
