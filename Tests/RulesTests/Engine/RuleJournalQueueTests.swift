import Testing

@testable import Rules

@Suite("What the journal has to write")
struct RuleJournalQueueTests {
    private static func run(
        actions: Int = 1, _ body: (inout RuleJournalQueue, (Int64) -> RuleInvocation) throws -> Void
    ) async throws {
        try await RuleHouse.run { house in
            let targets = (0..<actions).map { _ in ScriptedTarget.make() }
            let rule = RunningRule(try house.definition(to: targets), engine: house.engine)
            var queue = RuleJournalQueue()
            try body(&queue) { house.invocation(of: rule, id: $0) }
        }
    }

    private static func entry(_ invocation: RuleInvocation) -> RuleJournalQueue.Entry { .init(invocation: invocation, receipt: nil) }

    @Test("a message is written, and its row goes when it is finished")
    func life() async throws {
        try await Self.run { queue, make in
            let invocation = make(7)
            let starts = queue.add(Self.entry(invocation))
            #expect(starts)
            let (batch, _) = queue.take()
            #expect(batch.inserts.map(\.id) == [7])
            #expect(!queue.isIdle)
            let hasMore = queue.finish(batch, stored: true).hasMore
            #expect(!hasMore)
            #expect(queue.isIdle)
            _ = invocation.finish(0, nil)
            let startsAgain = queue.update(7, delivered: 1, isFinished: true)
            #expect(startsAgain)
            let (last, _) = queue.take()
            #expect((last.deletes, last.inserts.isEmpty) == ([7], true))
            _ = queue.finish(last, stored: true)
            #expect(queue.isIdle)
        }
    }

    @Test("a message that is finished before its turn needs no write")
    func elided() async throws {
        try await Self.run { queue, make in
            let (first, second) = (make(1), make(2))
            _ = queue.add(Self.entry(first))
            let starts = queue.add(Self.entry(second))
            #expect(!starts)
            _ = second.finish(0, nil)
            let update = queue.update(2, delivered: 1, isFinished: true)
            #expect(!update)
            #expect(queue.take().batch.inserts.map(\.id) == [1])
        }
    }

    @Test("what happens while a message is written is written after it")
    func inFlight() async throws {
        try await Self.run(actions: 2) { queue, make in
            let (ends, goesOn) = (make(1), make(2))
            _ = queue.add(Self.entry(ends))
            _ = queue.add(Self.entry(goesOn))
            let (batch, _) = queue.take()
            for action in 0..<2 { _ = ends.finish(action, nil) }
            _ = goesOn.finish(1, nil)
            _ = queue.update(1, delivered: 0b11, isFinished: true)
            _ = queue.update(2, delivered: 0b10, isFinished: false)
            let hasMore = queue.finish(batch, stored: true).hasMore
            #expect(hasMore)
            let (next, _) = queue.take()
            #expect((next.deletes, next.progress) == ([1], [2: 0b10]))
        }
    }

    @Test("progress that is told in the wrong order takes nothing back")
    func progressIsJoined() async throws {
        try await Self.run(actions: 3) { queue, _ in
            queue.adopt(1)
            queue.takeUp(1)
            _ = queue.update(1, delivered: 0b11, isFinished: false)
            _ = queue.update(1, delivered: 0b01, isFinished: false)
            #expect(queue.take().batch.progress == [1: 0b11])
        }
    }

    @Test("what was refused is written again, but for messages: their publishers are told")
    func refused() async throws {
        try await Self.run(actions: 2) { queue, make in
            for id in 1...2 { queue.adopt(Int64(id)) }
            _ = queue.update(1, delivered: 0, isFinished: true)
            _ = queue.update(2, delivered: 1, isFinished: false)
            let invocation = make(3)
            _ = queue.add(Self.entry(invocation))
            let (batch, _) = queue.take()
            _ = queue.update(2, delivered: 0b10, isFinished: false)
            let hasMore = queue.finish(batch, stored: false).hasMore
            #expect(hasMore)
            let (next, _) = queue.take()
            #expect((next.deletes, next.progress, next.inserts.isEmpty) == ([1], [2: 0b11], true))
            let update = queue.update(3, delivered: 0, isFinished: true)
            #expect(!update)
        }
    }

    @Test("a message leaves memory once, when its row is on disk")
    func leaves() async throws {
        try await Self.run { queue, make in
            let invocation = make(1)
            _ = queue.add(Self.entry(invocation))
            let (batch, _) = queue.take()
            _ = invocation.putOff(0)
            let isEarly = queue.leave(1)
            let left = queue.finish(batch, stored: true).left
            let isLate = queue.leave(1)
            #expect((isEarly, left.count, isLate) == (false, 1, false))
            queue.takeUp(1)
            let isAgain = queue.leave(1)
            #expect(isAgain)
        }
    }

    @Test("a transaction has bounds")
    func bounded() async throws {
        try await Self.run { queue, make in
            for id in 0...RuleJournalQueue.maxBatch { _ = queue.add(Self.entry(make(Int64(id)))) }
            let (batch, _) = queue.take()
            #expect(batch.inserts.count == RuleJournalQueue.maxBatch)
            let hasMore = queue.finish(batch, stored: true).hasMore
            #expect(hasMore)
        }
    }
}
