internal import CoreMetrics

/// What the store tells about itself.
struct StorageMetrics: Sendable {
    private let commits = Counter(label: "roost_storage_commits_total")
    private let failedCommits = Counter(label: "roost_storage_failed_commits_total")
    private let writes = Counter(label: "roost_storage_writes_total")
    private let commitLatency = Timer(label: "roost_storage_commit_duration_seconds", preferredDisplayUnit: .seconds)
    private let batchSize = Recorder(label: "roost_storage_commit_writes")
    private let queueDepth = Gauge(label: "roost_storage_queued_writes")

    /// A transaction with `bodies` writes is on disk, `nanoseconds` after it began.
    func committed(bodies: Int, nanoseconds: UInt64) {
        self.commits.increment()
        self.writes.increment(by: bodies)
        self.commitLatency.recordNanoseconds(Int64(clamping: nanoseconds))
        self.batchSize.record(bodies)
    }

    /// A transaction was undone as a whole.
    func failed() {
        self.failedCommits.increment()
    }

    func queued(_ writes: Int) {
        self.queueDepth.record(writes)
    }
}
