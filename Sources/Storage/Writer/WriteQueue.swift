internal import NIOCore

/// The queue in front of the group-commit writer: who may enter, and when the writer has to be woken.
///
/// Pure: it holds the jobs without knowing what they are. Jobs leave in the order in which they came.
struct WriteQueue<Job> {
    /// Jobs accepted and not completed yet above which `submit` is refused.
    let limit: Int
    private var queued = CircularBuffer<Job>()
    /// Jobs accepted and not completed yet, the running transaction's included.
    private(set) var outstanding = 0
    private var isWriterRunning = false
    private var isClosed = false

    init(limit: Int) {
        self.limit = limit
    }

    enum SubmitAction: Equatable {
        case wakeWriter
        /// The writer is running and will find the job.
        case none
        case refuseFull
        case refuseClosed
    }

    /// - Parameter mayExceedLimit: true for a caller that is suspended until its job is done. Whether such a job lies in this queue or in
    ///   another one in front of it makes no difference to memory, so it always enters.
    mutating func submit(_ job: Job, mayExceedLimit: Bool) -> SubmitAction {
        guard !self.isClosed else { return .refuseClosed }
        guard mayExceedLimit || self.outstanding < self.limit else { return .refuseFull }
        self.queued.append(job)
        self.outstanding += 1
        guard !self.isWriterRunning else { return .none }
        self.isWriterRunning = true
        return .wakeWriter
    }

    /// The writer takes the next jobs, at most `maximum`. None means that it stops; the next submit wakes it.
    mutating func take(maximum: Int) -> [Job] {
        guard !self.queued.isEmpty else {
            self.isWriterRunning = false
            return []
        }
        let jobs = Array(self.queued.prefix(maximum))
        self.queued.removeFirst(jobs.count)
        return jobs
    }

    /// The writer completed `count` jobs.
    mutating func finished(_ count: Int) {
        self.outstanding -= count
    }

    /// Refuses what comes from now on; what is queued is still written. False if it was closed before.
    mutating func close() -> Bool {
        defer { self.isClosed = true }
        return !self.isClosed
    }
}
