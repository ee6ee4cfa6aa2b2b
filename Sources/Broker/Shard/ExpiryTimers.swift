import HeapModule

/// What is due when: session expiry and delayed wills. A timer that is no longer wanted stays until its time, or until there are too many
/// of them, so arming and disarming cost nothing but the entry.
struct ExpiryTimers {
    enum Kind { case sessionEnd, will }

    struct Item: Comparable {
        /// Milliseconds since 1970.
        var due: Int64
        var kind: Kind
        var session: Session
        /// The session's epoch when it was armed.
        var epoch: UInt64

        var isWanted: Bool {
            self.session.epoch == self.epoch && self.session.connection == nil && !self.session.isDiscarded
        }

        static func < (a: Item, b: Item) -> Bool { a.due < b.due }
        static func == (a: Item, b: Item) -> Bool { a.due == b.due && a.session === b.session && a.kind == b.kind && a.epoch == b.epoch }
    }

    private var heap = Heap<Item>()

    /// - Parameter sessions: how many there are, each of which has two timers at most.
    mutating func arm(_ item: Item, sessions: Int) {
        if self.heap.count >= max(Self.keptStale, 4 * sessions) { self.heap = Heap(self.heap.unordered.filter(\.isWanted)) }
        self.heap.insert(item)
    }

    /// Timers up to this number are not looked through for those that are no longer wanted.
    static let keptStale = 1024

    var count: Int { self.heap.count }
    var wantedCount: Int { self.heap.unordered.count(where: \.isWanted) }

    mutating func popDue(at now: Int64) -> Item? {
        guard let first = self.heap.min, first.due <= now else { return nil }
        return self.heap.popMin()
    }
}

extension Shard {
    /// Expired sessions that one sweep ends: the rest waits for the next, so that a mass expiry does not stop the loop.
    private static var maxTimersPerSweep: Int { 2000 }

    /// - Parameter due: milliseconds since 1970.
    func arm(_ kind: ExpiryTimers.Kind, at due: Int64, _ session: Session) {
        self.timers.arm(.init(due: due, kind: kind, session: session, epoch: session.epoch), sessions: self.sessions.count)
    }

    func runDueTimers() {
        let now = wallMilliseconds()
        for _ in 0..<Self.maxTimersPerSweep {
            guard let item = self.timers.popDue(at: now) else { return }
            let session = item.session
            guard item.isWanted, session.loop == self.index else { continue }
            switch item.kind {
            case .will: self.publishWill(of: session)
            case .sessionEnd: self.expire(session)
            }
        }
    }

    private func expire(_ session: Session) {
        self.shared.directory.ifIdle(session) { self.discard(session) }
    }
}
