import NIOCore
import Testing

@testable import AWSAPI

@Suite struct RequestDeadlinesTests {
    private static let limits = {
        var limits = APIServerLimits()
        limits.firstHeadTime = .seconds(1)
        limits.idleTime = .seconds(2)
        limits.bodyTime = .seconds(3)
        limits.responseTime = .seconds(4)
        return limits
    }()

    private func at(_ seconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(0) + .seconds(seconds)
    }

    @Test func eachPhaseHasItsTime() {
        var deadlines = RequestDeadlines(limits: Self.limits, now: self.at(10))
        #expect(deadlines.deadline == self.at(11))
        deadlines.receivedHead(now: self.at(11))
        #expect(deadlines.deadline == self.at(14))
        deadlines.receivedEnd(now: self.at(12))
        #expect(deadlines.deadline == self.at(16))
        deadlines.sentEnd(now: self.at(13))
        #expect(deadlines.deadline == self.at(15))
        #expect(deadlines.openRequests == 0)
    }

    @Test func aResponseBeforeTheBodysEndLeavesTheBodyItsTime() {
        var deadlines = RequestDeadlines(limits: Self.limits, now: self.at(0))
        deadlines.receivedHead(now: self.at(1))
        deadlines.sentEnd(now: self.at(2))
        #expect(deadlines.deadline == self.at(4))
        deadlines.receivedEnd(now: self.at(3))
        #expect(deadlines.deadline == self.at(5))
    }

    @Test func pipelinedRequestsWaitForTheirResponses() {
        var deadlines = RequestDeadlines(limits: Self.limits, now: self.at(0))
        for second in [1, 2] as [Int64] {
            deadlines.receivedHead(now: self.at(second))
            deadlines.receivedEnd(now: self.at(second))
        }
        deadlines.sentEnd(now: self.at(3))
        #expect(deadlines.deadline == self.at(7))
        #expect(deadlines.openRequests == 1)
        deadlines.sentEnd(now: self.at(4))
        #expect(deadlines.deadline == self.at(6))
    }

    @Test func aRequestCanHaveMoreTimeForItsResponse() {
        var deadlines = RequestDeadlines(limits: Self.limits, now: self.at(0))
        deadlines.receivedHead(now: self.at(0), responseTime: .seconds(100))
        deadlines.receivedEnd(now: self.at(1))
        #expect(deadlines.deadline == self.at(101))
        // One behind it does not cut it short.
        deadlines.receivedHead(now: self.at(2))
        deadlines.receivedEnd(now: self.at(2))
        #expect(deadlines.deadline == self.at(102))
        deadlines.sentEnd(now: self.at(3))
        deadlines.sentEnd(now: self.at(4))
        deadlines.receivedHead(now: self.at(5))
        deadlines.receivedEnd(now: self.at(5))
        #expect(deadlines.deadline == self.at(9))
    }
}
