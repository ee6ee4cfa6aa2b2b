import Testing

@testable import Storage

@Suite struct ReadQueueTests {
    private static func queue(readers: Int = 2, limit: Int = 1000, jobs: Int = 0) -> ReadQueue<Int> {
        var queue = ReadQueue<Int>(readers: readers, limit: limit)
        for number in 0..<jobs { _ = queue.submit(number, mayExceedLimit: false) }
        return queue
    }

    /// Whether a reader ends its snapshot and rests.
    private static func rests(_ queue: inout ReadQueue<Int>, _ snapshot: inout ReadQueue<Int>.Snapshot, reader: Int) -> Bool {
        if case .rest = queue.ended(&snapshot, reader: reader) { true } else { false }
    }

    @Test func theFirstJobWakesAReaderAndTheNextAreLeftToIt() {
        var queue = Self.queue()
        let actions = (0..<3).map { queue.submit($0, mayExceedLimit: false) }
        #expect(actions == [.wake(reader: 0), .lookLater, .none])
        var snapshot = queue.snapshot()
        var taken: [Int] = []
        while case let jobs = queue.take(in: &snapshot), !jobs.isEmpty { taken += jobs }
        #expect(taken == [0, 1, 2])
        #expect(Self.rests(&queue, &snapshot, reader: 0))
        #expect(queue.look() == .init(wake: nil, looksAgain: false))
        #expect(queue.submit(3, mayExceedLimit: false) == .wake(reader: 0))
    }

    @Test func aJobThatCameAfterASnapshotIsNotReadInIt() {
        var queue = Self.queue(jobs: 1)
        var early = queue.snapshot()
        _ = queue.submit(1, mayExceedLimit: false)
        #expect(queue.take(in: &early) == [0])
        #expect(queue.take(in: &early) == [])
        #expect(!Self.rests(&queue, &early, reader: 0))
        var late = queue.snapshot()
        #expect(queue.take(in: &late) == [1])
        #expect(queue.take(in: &late) == [])
        #expect(Self.rests(&queue, &late, reader: 0))
    }

    @Test func aSnapshotHasAnEnd() {
        let most = ReadQueue<Int>.maxJobsPerSnapshot
        var queue = Self.queue(jobs: most + 1)
        var snapshot = queue.snapshot()
        var count = 0
        while case let jobs = queue.take(in: &snapshot), !jobs.isEmpty {
            #expect(jobs.count <= ReadQueue<Int>.maxJobsPerTake)
            count += jobs.count
        }
        #expect(count == most)
        #expect(!Self.rests(&queue, &snapshot, reader: 0))
    }

    @Test func fewJobsAreTakenOneByOne() {
        var queue = Self.queue(jobs: 7)
        var snapshot = queue.snapshot()
        #expect(queue.take(in: &snapshot) == [0])
    }

    @Test func aJobBehindASlowOneGetsAnotherReader() {
        var queue = Self.queue(readers: 3, jobs: 3)
        var slow = queue.snapshot()
        #expect(queue.take(in: &slow) == [0])
        // Job 2 came after the look was asked for, so it has waited less; job 1 has waited.
        #expect(queue.look() == .init(wake: 1, looksAgain: true))
        var other = queue.snapshot()
        #expect(queue.take(in: &other) == [1])
        #expect(queue.look() == .init(wake: 2, looksAgain: false))
    }

    @Test func manyQuickOnesGetNone() {
        var queue = Self.queue(jobs: 2 * ReadQueue<Int>.quickJobsPerLook)
        var snapshot = queue.snapshot()
        var taken = 0
        while taken < ReadQueue<Int>.quickJobsPerLook { taken += queue.take(in: &snapshot).count }
        #expect(queue.look() == .init(wake: nil, looksAgain: true))
        // None since: they have become slow.
        #expect(queue.look() == .init(wake: 1, looksAgain: false))
    }

    @Test func theLimitCountsWhatRunsAndSparesThoseWhoWait() {
        var queue = Self.queue(readers: 1, limit: 2, jobs: 2)
        var snapshot = queue.snapshot()
        #expect(queue.take(in: &snapshot) == [0])
        #expect(queue.submit(2, mayExceedLimit: false) == .refuseFull)
        #expect(queue.submit(2, mayExceedLimit: true) == .none)
        #expect(queue.take(in: &snapshot) == [1])
        #expect(queue.take(in: &snapshot) == [])
        #expect(queue.submit(3, mayExceedLimit: false) == .none)
        #expect(queue.submit(4, mayExceedLimit: false) == .refuseFull)
    }

    @Test func closingWaitsForTheLastReader() {
        let closed = Collected<Int>()
        var queue = Self.queue(jobs: 1)
        var snapshot = queue.snapshot()
        #expect(queue.take(in: &snapshot) == [0])
        #expect(queue.close { closed.append(1) } == nil)
        #expect(queue.submit(1, mayExceedLimit: true) == .refuseClosed)
        guard case .rest(let action) = queue.ended(&snapshot, reader: 0) else { return #expect(Bool(false), "it must rest") }
        action?()
        #expect(closed.all == [1])
        var idle = Self.queue()
        #expect(idle.close {} != nil)
    }
}
