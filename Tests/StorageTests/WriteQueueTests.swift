import Testing

@testable import Storage

@Suite struct WriteQueueTests {
    @Test func theFirstJobWakesTheWriterAndTheOthersDoNot() {
        var queue = WriteQueue<Int>(limit: 10)
        let first = [queue.submit(1, mayExceedLimit: false), queue.submit(2, mayExceedLimit: false)]
        #expect(first == [.wakeWriter, .none])
        let taken = queue.take(maximum: 10)
        #expect(taken == [1, 2])
        let whileRunning = queue.submit(3, mayExceedLimit: false)
        #expect(whileRunning == .none)
        let rest = [queue.take(maximum: 10), queue.take(maximum: 10)]
        #expect(rest == [[3], []])
        let afterwards = queue.submit(4, mayExceedLimit: false)
        #expect(afterwards == .wakeWriter)
    }

    @Test func jobsLeaveInOrderAndInPortions() {
        var queue = WriteQueue<Int>(limit: 100)
        for number in 0..<7 { _ = queue.submit(number, mayExceedLimit: false) }
        let portions = (0..<3).map { _ in queue.take(maximum: 3) }
        #expect(portions == [[0, 1, 2], [3, 4, 5], [6]])
    }

    @Test func theLimitCountsWhatRunsAndSparesThoseWhoWait() {
        var queue = WriteQueue<Int>(limit: 2)
        for number in 1...2 { _ = queue.submit(number, mayExceedLimit: false) }
        _ = queue.take(maximum: 2)
        let atLimit = [queue.submit(3, mayExceedLimit: false), queue.submit(4, mayExceedLimit: true)]
        #expect(atLimit == [.refuseFull, .none])
        queue.finished(2)
        #expect(queue.outstanding == 1)
        let later = [queue.submit(5, mayExceedLimit: false), queue.submit(6, mayExceedLimit: false)]
        #expect(later == [.none, .refuseFull])
    }

    @Test func closingRefusesNewJobsAndKeepsQueuedOnes() {
        var queue = WriteQueue<Int>(limit: 2)
        _ = queue.submit(1, mayExceedLimit: false)
        let closings = [queue.close(), queue.close()]
        #expect(closings == [true, false])
        let late = queue.submit(2, mayExceedLimit: true)
        #expect(late == .refuseClosed)
        let taken = queue.take(maximum: 5)
        #expect(taken == [1])
    }
}
