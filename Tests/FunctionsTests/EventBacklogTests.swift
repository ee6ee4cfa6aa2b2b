import Testing

@testable import Functions

@Suite("The backlog of events")
struct EventBacklogTests {
    private static func event(_ id: Int64, _ function: String = "f") -> EventBacklog.Event {
        EventBacklog.Event(id: id, function: function, bytes: 1)
    }

    private static func backlog(_ ids: ClosedRange<Int64>, maxAtOnce: Int = 2) -> EventBacklog {
        var backlog = EventBacklog(maxAtOnce: maxAtOnce)
        for id in ids { backlog.add(Self.event(id), due: 0, now: 0) }
        return backlog
    }

    @Test("is worked off in order, a few at one time")
    func order() {
        var backlog = Self.backlog(1...4)
        #expect(backlog.start(now: 0).map(\.id) == [1, 2])
        #expect(backlog.start(now: 0).isEmpty)
        backlog.done(Self.event(2))
        #expect(backlog.start(now: 0).map(\.id) == [3])
        backlog.done(Self.event(1))
        backlog.done(Self.event(3))
        #expect(backlog.start(now: 0).map(\.id) == [4])
        #expect(backlog.nextDue == nil)
    }

    @Test("lets no function wait for another")
    func functions() {
        var backlog = Self.backlog(1...3)
        backlog.add(Self.event(9, "g"), due: 0, now: 0)
        #expect(Set(backlog.start(now: 0).map(\.id)) == [1, 2, 9])
    }

    @Test("has an event that failed again when it is due")
    func retries() {
        var backlog = Self.backlog(1...1)
        #expect(backlog.start(now: 0).map(\.id) == [1])
        backlog.retry(Self.event(1), due: 60, now: 0)
        #expect(backlog.nextDue == 60)
        #expect(backlog.start(now: 59).isEmpty)
        #expect(backlog.start(now: 60).map(\.id) == [1])
    }

    @Test("pauses for a function without instances, longer each time, and then tries one event")
    func refusals() {
        var backlog = Self.backlog(1...5)
        var now: Int64 = 0
        var pauses: [Int64] = []
        #expect(backlog.start(now: now).map(\.id) == [1, 2])
        backlog.refused(Self.event(2), now: now)
        backlog.refused(Self.event(1), now: now)
        for _ in 0..<11 {
            let due = backlog.nextDue ?? now
            pauses.append(due - now)
            #expect(backlog.start(now: due - 1).isEmpty)
            now = due
            #expect(backlog.start(now: now).map(\.id) == [1])
            backlog.refused(Self.event(1), now: now)
        }
        #expect(pauses.prefix(3) == [1_000, 2_000, 4_000])
        #expect(pauses.last == EventBacklog.longestPause)
        now = backlog.nextDue ?? now
        #expect(backlog.start(now: now).map(\.id) == [1])
        backlog.done(Self.event(1))
        #expect(backlog.start(now: now).map(\.id) == [2, 3])
    }
}
