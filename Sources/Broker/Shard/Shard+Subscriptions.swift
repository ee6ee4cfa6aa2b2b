import NIOCore

/// A change of what one session subscribes to, as the loops tell each other.
struct InterestChange: Sendable {
    var filter: ExactText
    /// For a shared subscription: the membership; `nil` ends it.
    var member: SharedGroup.Member?
    var clientID: ExactText
}

extension Shard {
    /// Adds or replaces a subscription of a session of this loop. `done` runs when every loop routes by it.
    func subscribe(_ session: Session, _ filter: ExactText, _ options: SubscriptionOptions, done: @escaping () -> Void) {
        let isNew = session.subscriptions.updateValue(options, forKey: filter) == nil
        self.addLocal(session, filter, options)
        let change = InterestChange(
            filter: filter, member: self.isShared(filter) ? self.member(session, options) : nil, clientID: session.clientID)
        let loop = self.index
        if !isNew && change.member == nil { return done() }
        self.broadcast({ $0.addRemote(change, loop: loop) }, then: done)
    }

    /// Ends a subscription of a session of this loop; whether there was one.
    @discardableResult
    func unsubscribe(_ session: Session, _ filter: ExactText) -> Bool {
        guard session.subscriptions.removeValue(forKey: filter) != nil else { return false }
        self.removeLocal(session, filter)
        let change = InterestChange(filter: filter, member: nil, clientID: session.clientID)
        let loop = self.index
        self.broadcast({ $0.removeRemote(change, loop: loop) }, then: {})
        return true
    }

    func isShared(_ filter: ExactText) -> Bool { filter.text.utf8.starts(with: "$share/".utf8) }

    func member(_ session: Session, _ options: SubscriptionOptions) -> SharedGroup.Member {
        SharedGroup.Member(
            clientID: session.clientID, loop: session.loop, options: options, isOnline: session.connection != nil,
            isPersistent: session.isPersistent)
    }

    // MARK: This loop's trie

    func addLocal(_ session: Session, _ filter: ExactText, _ options: SubscriptionOptions) {
        defer { self.invalidateRoutes() }
        if self.isShared(filter) { return self.updateGroup(filter, self.member(session, options)) }
        self.withNode(filter) { node in
            if let i = node.subscriptions.firstIndex(where: { $0.session === session }) {
                node.subscriptions[i].options = options
            } else {
                node.subscriptions.append(Subscription(session: session, options: options))
            }
        }
    }

    func removeLocal(_ session: Session, _ filter: ExactText) {
        defer { self.invalidateRoutes() }
        if self.isShared(filter) { return self.removeFromGroup(filter, session.clientID) }
        self.withExistingNode(filter) { $0.subscriptions.removeAll { $0.session === session } }
    }

    func addRemote(_ change: InterestChange, loop: Int) {
        defer { self.invalidateRoutes() }
        if let member = change.member { return self.updateGroup(change.filter, member) }
        self.withNode(change.filter) { $0.remote[loop, default: 0] += 1 }
    }

    func removeRemote(_ change: InterestChange, loop: Int) {
        defer { self.invalidateRoutes() }
        if self.isShared(change.filter) { return self.removeFromGroup(change.filter, change.clientID) }
        self.withExistingNode(change.filter) { node in
            let count = (node.remote[loop] ?? 0) - 1
            node.remote[loop] = count > 0 ? count : nil
        }
    }

    /// The members of the session's groups learn that it is online or not.
    func announcePresence(_ session: Session) {
        for (filter, options) in session.subscriptions where self.isShared(filter) {
            let member = self.member(session, options)
            self.updateGroup(filter, member)
            self.broadcast({ $0.updateGroup(filter, member) }, then: {})
        }
    }

    private func withNode(_ filter: ExactText, _ body: (TrieNode) -> Void) {
        var text = filter.text
        text.withUTF8 { body(self.trie.node(for: UnsafeRawBufferPointer($0))) }
    }

    private func withExistingNode(_ filter: ExactText, _ body: (TrieNode) -> Void) {
        var text = filter.text
        text.withUTF8 { bytes in
            guard let node = self.trie.existingNode(for: UnsafeRawBufferPointer(bytes)) else { return }
            body(node)
            self.trie.prune(node)
        }
    }

    // MARK: Share groups

    private func updateGroup(_ filter: ExactText, _ member: SharedGroup.Member) {
        if let group = self.groups[filter] {
            group.update(member)
            if member.isOnline, let queue = self.groupQueues[filter] { self.moveQueue(queue) }
            return
        }
        let group = SharedGroup(filter: filter)
        group.update(member)
        self.groups[filter] = group
        self.withInnerFilter(filter) { self.trie.node(for: $0).groups.append(group) }
        self.invalidateRoutes()
    }

    private func removeFromGroup(_ filter: ExactText, _ clientID: ExactText) {
        guard let group = self.groups[filter] else { return }
        group.remove(clientID)
        guard group.members.isEmpty else { return }
        self.groups[filter] = nil
        self.discardQueue(filter)
        self.withInnerFilter(filter) { inner in
            guard let node = self.trie.existingNode(for: inner) else { return }
            node.groups.removeAll { $0 === group }
            self.trie.prune(node)
        }
    }

    private func withInnerFilter(_ filter: ExactText, _ body: (UnsafeRawBufferPointer) -> Void) {
        var text = filter.text
        text.withUTF8 { bytes in
            let raw = UnsafeRawBufferPointer(bytes)
            guard let share = try? ShareName.parse(raw) else { return }
            body(UnsafeRawBufferPointer(rebasing: raw[share.filterStart...]))
        }
    }

    // MARK: All loops

    /// Runs `body` on every other loop, then `then` on this one. With one loop at once.
    func broadcast(_ body: @escaping @Sendable (Shard) -> Void, then: @escaping () -> Void) {
        guard let shards = self.broker?.shards, shards.count > 1 else { return then() }
        let countdown = Countdown(shards.count - 1, then)
        for shard in shards where shard !== self {
            shard.eventLoop.execute {
                // What was routed before the change leaves before anyone hears that it is made.
                shard.sendOutboxes()
                body(shard)
                self.eventLoop.execute { countdown.one() }
            }
        }
    }
}

/// Runs an action after the n-th step.
///
/// Made and stepped on one event loop, only carried through others; that is the unchecked claim.
final class Countdown: @unchecked Sendable {
    private var left: Int
    private let action: () -> Void

    init(_ count: Int, _ action: @escaping () -> Void) {
        self.left = count
        self.action = action
    }

    func one() {
        self.left -= 1
        if self.left == 0 { self.action() }
    }
}
