import Testing

@testable import Broker

@Suite struct ExpiryTimersTests {
    private static func session(_ id: Int64) -> Session {
        Session(clientID: ExactText("c\(id)"), id: id, version: 5, expirySeconds: 60, loop: 0)
    }

    @Test func timersOfEndedSessionsAreNotKept() {
        var timers = ExpiryTimers()
        for i in 0..<100_000 {
            let session = Self.session(Int64(i))
            timers.arm(.init(due: .max, kind: .sessionEnd, session: session, epoch: session.epoch), sessions: 1)
            session.end()
        }
        #expect(timers.count <= ExpiryTimers.keptStale)
    }

    @Test func wantedTimersStayInTheirOrder() {
        var timers = ExpiryTimers()
        let sessions = (0..<10).map { Self.session(Int64($0)) }
        for (i, session) in sessions.enumerated() {
            timers.arm(.init(due: Int64(100 - i), kind: .sessionEnd, session: session, epoch: session.epoch), sessions: 10)
        }
        let stale = Self.session(99)
        for _ in 0..<2 * ExpiryTimers.keptStale {
            timers.arm(.init(due: 1, kind: .will, session: stale, epoch: stale.epoch), sessions: 10)
            stale.epoch += 1
        }
        var due: [Int64] = []
        while let item = timers.popDue(at: 1000) { if item.isWanted { due.append(item.due) } }
        #expect(due == (91...100).map(Int64.init))
    }
}
