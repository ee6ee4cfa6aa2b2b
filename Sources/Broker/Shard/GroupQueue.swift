/// Messages of a share group that nobody could take: they wait for the group, and whichever member comes online first gets them (AWS IoT,
/// shared subscriptions; MQTT 5.0 §4.8.2 leaves it open).
///
/// Its messages are kept like those of a session that is away: bounded, on disk before the publisher is acknowledged, read back in pages.
/// One loop has a group's queue, the one that the filter's hash says; it is touched there only, which is the unchecked claim.
final class GroupQueue: @unchecked Sendable {
    let filter: ExactText
    /// Never has a connection; in no directory.
    let session: Session
    /// A page is on its way to the members.
    var isMoving = false
    /// Numbers above the first waiting message that a member has already.
    var moved: Set<UInt64> = []
    /// Whether the loops were told that messages wait.
    var isAnnounced = false

    init(filter: ExactText, id: Int64, loop: Int) {
        self.filter = filter
        self.session = Session(clientID: filter, id: id, version: 5, expirySeconds: .max, loop: loop)
        self.session.groupFilter = filter
        // It is never sent to, so nothing of it can have been under way when the program ended.
        self.session.disconnectedAt = 1
    }

    var isEmpty: Bool { self.session.backlog.count == 0 }

    /// Messages of one page, at least a row of the table.
    static let pageMessages = 128
    static let pageBytes = 256 << 10
    /// A member whose own queue is this long gets none of the group's: they wait for one that keeps up.
    static let maxMemberQueue = 1000
}

/// The fates of one page's messages, as the members' loops report them. Belongs to the loop of the queue.
final class GroupPage {
    let entries: [QueuedPublish]
    var isMoved: [Bool]
    private var outstanding: Int
    private let done: (GroupPage) -> Void

    init(_ entries: [QueuedPublish], done: @escaping (GroupPage) -> Void) {
        self.entries = entries
        self.isMoved = Array(repeating: false, count: entries.count)
        self.outstanding = entries.count
        self.done = done
    }

    /// What became of a message: safe with a member or with nobody (expired), or still the group's.
    func settle(_ i: Int, isMoved: Bool) {
        self.isMoved[i] = isMoved
        self.outstanding -= 1
        if self.outstanding == 0 { self.done(self) }
    }
}
