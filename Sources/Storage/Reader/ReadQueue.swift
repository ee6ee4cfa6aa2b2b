internal import NIOCore

/// The queue in front of the readers: which reader has to be woken, and which jobs may share a snapshot.
///
/// Pure: it holds the jobs without knowing what they are. One reader serves as long as reads are quick, since several would take few jobs
/// in each snapshot and wait for one lock (measured: 37 µs a read instead of 3). Another one is woken when a look from time to time finds
/// a job that waited since the last look behind slow ones.
struct ReadQueue<Job> {
    /// Jobs in one snapshot: enough to make the cost of taking it vanish, few enough not to keep the write-ahead log from starting afresh.
    static var maxJobsPerSnapshot: Int { 256 }
    /// Jobs that a reader takes at a time when many wait. Should one of them be slow, those behind it wait for it.
    static var maxJobsPerTake: Int { 16 }
    /// A reader takes one in so many of those that wait.
    static var shareOfTake: Int { 8 }

    /// Jobs taken between two looks, a millisecond or more, above which another reader would only be in the way: 15 µs each.
    static var quickJobsPerLook: Int { 64 }

    /// Jobs accepted and not completed yet above which `submit` is refused.
    let limit: Int
    private let readers: Int
    private var queued = CircularBuffer<Job>()
    /// Jobs accepted since the start.
    private var submitted = 0
    private var running = 0
    /// Readers at rest; the last to rest is the first to be woken, for its caches are the warmest.
    private var resting: [Int]
    /// Whether there will be a look, and the jobs that had been accepted, and taken, at the last one.
    private var isWatched = false
    private var submittedAtLook = 0
    private var takenAtLook = 0
    private var isClosed = false
    private var whenAllRest: (@Sendable () -> Void)?

    init(readers: Int, limit: Int) {
        self.readers = readers
        self.limit = limit
        self.resting = (0..<readers).reversed()
    }

    private var taken: Int { self.submitted - self.queued.count }

    // MARK: Jobs

    enum SubmitAction: Equatable {
        case wake(reader: Int)
        /// A reader runs, which most likely finds the job at once; `look` must be called a little later, in case it does not.
        case lookLater
        /// Readers run, and there will be a look or there is no other reader.
        case none
        case refuseFull
        case refuseClosed
    }

    /// - Parameter mayExceedLimit: true for a caller that is suspended until its job is done, as in `WriteQueue`.
    mutating func submit(_ job: Job, mayExceedLimit: Bool) -> SubmitAction {
        guard !self.isClosed else { return .refuseClosed }
        guard mayExceedLimit || self.queued.count + self.running < self.limit else { return .refuseFull }
        self.queued.append(job)
        self.submitted += 1
        if self.resting.count == self.readers, let reader = self.resting.popLast() { return .wake(reader: reader) }
        guard !self.isWatched, !self.resting.isEmpty else { return .none }
        self.watch()
        return .lookLater
    }

    struct LookAction: Equatable {
        var wake: Int?
        var looksAgain: Bool
    }

    mutating func look() -> LookAction {
        let isSlow = self.taken - self.takenAtLook < Self.quickJobsPerLook
        let hasWaited = self.taken < self.submittedAtLook
        let reader = hasWaited && isSlow ? self.resting.popLast() : nil
        self.isWatched = false
        if !self.queued.isEmpty, !self.resting.isEmpty { self.watch() }
        return LookAction(wake: reader, looksAgain: self.isWatched)
    }

    private mutating func watch() {
        self.isWatched = true
        self.submittedAtLook = self.submitted
        self.takenAtLook = self.taken
    }

    // MARK: Snapshots

    /// What may run in one snapshot: the jobs that were accepted before it was taken, for only those are sure to find in it what their
    /// callers know to be written.
    struct Snapshot {
        fileprivate let submitted: Int
        fileprivate var room = ReadQueue.maxJobsPerSnapshot
        /// Of the last take.
        fileprivate var running = 0
    }

    /// To be called before a snapshot is taken.
    func snapshot() -> Snapshot {
        Snapshot(submitted: self.submitted)
    }

    /// The jobs taken before are done; these are the next that may run in this snapshot. None ends it.
    mutating func take(in snapshot: inout Snapshot) -> [Job] {
        self.finish(&snapshot)
        let waiting = min(snapshot.submitted - self.taken, snapshot.room)
        guard waiting > 0 else { return [] }
        let count = min(waiting, Self.maxJobsPerTake, 1 + self.queued.count / Self.shareOfTake)
        let jobs = Array(self.queued.prefix(count))
        self.queued.removeFirst(count)
        snapshot.room -= count
        snapshot.running = count
        self.running += count
        return jobs
    }

    private mutating func finish(_ snapshot: inout Snapshot) {
        self.running -= snapshot.running
        snapshot.running = 0
    }

    enum EndAction {
        case takeAnother
        /// The reader rests; what is there must be run, outside of the caller's lock.
        case rest(then: (@Sendable () -> Void)?)
    }

    /// The reader has left its snapshot.
    mutating func ended(_ snapshot: inout Snapshot, reader: Int) -> EndAction {
        self.finish(&snapshot)
        guard self.queued.isEmpty else { return .takeAnother }
        self.resting.append(reader)
        guard self.resting.count == self.readers else { return .rest(then: nil) }
        defer { self.whenAllRest = nil }
        return .rest(then: self.whenAllRest)
    }

    // MARK: Closing

    /// Refuses jobs from now on; what is queued is still read. `action` runs when the last reader rests: it is returned if that is now.
    mutating func close(_ action: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)? {
        self.isClosed = true
        guard self.resting.count < self.readers else { return action }
        self.whenAllRest = action
        return nil
    }
}
