import Testing

@testable import Rules

@Suite("Pauses between tries")
struct BackOffTests {
    @Test("they double up to the longest, and each is shortened by at most half")
    func doubles() {
        var backOff = BackOff(first: .milliseconds(100), longest: .milliseconds(350))
        for full in [100, 200, 350, 350] {
            let pause = backOff.next()
            #expect(pause >= .milliseconds(full) / 2)
            #expect(pause <= .milliseconds(full))
        }
    }
}

@Suite("What waits on disk for a rule")
struct RuleBacklogTests {
    private static func message(_ id: Int64, bytes: Int = 10) -> RuleBacklog.Message { .init(id: id, delivered: 0, bytes: bytes) }

    @Test("the oldest are taken first, and each once")
    func order() {
        var backlog = RuleBacklog()
        for id in 1...5 { backlog.add(Self.message(Int64(id)), of: "a") }
        backlog.add(Self.message(9), of: "b")
        let taken = backlog.take("a", atMost: 3)
        #expect(taken.map(\.id) == [1, 2, 3])
        backlog.giveBack(taken, of: "a")
        #expect(backlog.take("a", atMost: .max).map(\.id) == [1, 2, 3, 4, 5])
        #expect((backlog.count(of: "a"), backlog.count(of: "b")) == (0, 1))
    }

    @Test("one at a time takes a rule's messages up")
    func once() {
        var backlog = RuleBacklog()
        let isEmpty = !backlog.begin("a")
        backlog.add(Self.message(1), of: "a")
        let first = backlog.begin("a")
        let second = backlog.begin("a")
        #expect((isEmpty, first, second) == (true, true, false))
        _ = backlog.take("a", atMost: 1)
        backlog.end("a")
        backlog.add(Self.message(2), of: "a")
        let later = backlog.begin("a")
        #expect(later)
    }

    @Test("it has bounds for each rule, of messages and of bytes")
    func bounds() {
        var backlog = RuleBacklog()
        #expect(backlog.hasRoom(for: "a", maxCount: 1, maxBytes: 10))
        backlog.add(Self.message(1), of: "a")
        #expect(!backlog.hasRoom(for: "a", maxCount: 1, maxBytes: 100))
        #expect(!backlog.hasRoom(for: "a", maxCount: 2, maxBytes: 10))
        #expect(backlog.hasRoom(for: "a", maxCount: 2, maxBytes: 11))
        #expect(backlog.hasRoom(for: "b", maxCount: 1, maxBytes: 10))
        _ = backlog.take("a", atMost: 1)
        #expect(backlog.hasRoom(for: "a", maxCount: 1, maxBytes: 10))
    }
}
