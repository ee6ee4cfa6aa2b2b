import Synchronization
import Testing

@testable import Rules

@Suite("The queue of one action")
struct ActionQueueTests {
    /// What a queue reports, in its order.
    private final class Reports: Sendable {
        private let all = Mutex<[String]>([])
        var list: [String] { self.all.withLock { $0 } }

        func add(_ items: [ActionItem], _ failure: String?) {
            self.all.withLock { all in
                for item in items { all.append(String(decoding: item.bytes, as: UTF8.self) + (failure.map { ": " + $0 } ?? "")) }
            }
        }
    }

    private static func queue(
        _ house: RuleHouse, _ target: ScriptedTarget, limits: RulesLimits = RuleHouse.quickLimits, reports: Reports,
        putOff: @escaping @Sendable (ActionItem) -> Bool = { _ in false }
    ) throws -> ActionQueue {
        let action = try #require(try house.definition(to: [target]).actions.first)
        return ActionQueue(action, index: 0, limits: limits, report: { reports.add($0, $1) }, putOff: putOff)
    }

    @Test("what fails for now is tried again, and only that")
    func retries() async throws {
        try await RuleHouse.run { house in
            let target = ScriptedTarget.make { call, texts in
                texts.map { _ in call < 3 ? .failed("busy", mayRetry: true) : .done }
            }
            let reports = Reports()
            try Self.queue(house, target, reports: reports).add(try house.item("a"))
            try await eventually("it is delivered") { reports.list == ["a"] }
            #expect(target.calls.count == 3)
        }
    }

    @Test("it is given up after so many tries, or at once when it cannot work")
    func givesUp() async throws {
        try await RuleHouse.run { house in
            let busy = ScriptedTarget.make { _, texts in texts.map { _ in .failed("busy", mayRetry: true) } }
            let wrong = ScriptedTarget.make { _, texts in texts.map { _ in .failed("wrong", mayRetry: false) } }
            let reports = Reports()
            try Self.queue(house, busy, reports: reports).add(try house.item("a"))
            try await eventually("it is given up") { reports.list == ["a: busy"] }
            #expect(busy.calls.count == RuleHouse.quickLimits.maxAttempts)
            try Self.queue(house, wrong, reports: reports).add(try house.item("b"))
            try await eventually("it is given up") { reports.list == ["a: busy", "b: wrong"] }
            #expect(wrong.calls.count == 1)
        }
    }

    @Test("a result without an answer has failed")
    func noAnswer() async throws {
        try await RuleHouse.run { house in
            let target = ScriptedTarget.make { _, _ in [] }
            let reports = Reports()
            try Self.queue(house, target, reports: reports).add(try house.item("a"))
            try await eventually("it is given up") { reports.list == ["a: The action gave no answer for this result."] }
        }
    }

    @Test("a result that is too large fails before it is sent")
    func tooLarge() async throws {
        try await RuleHouse.run { house in
            var limits = RuleHouse.quickLimits
            limits.maxActionBytes = 3
            let target = ScriptedTarget.make()
            let reports = Reports()
            try Self.queue(house, target, limits: limits, reports: reports).add(try house.item("long"))
            #expect(reports.list == ["long: The result has 4 bytes; an action takes 3."])
            #expect(target.calls.isEmpty)
        }
    }

    @Test("past its bounds a result is put off, or fails when it cannot wait")
    func full() async throws {
        try await RuleHouse.run { house in
            var limits = RuleHouse.quickLimits
            limits.maxQueued = 1
            let target = ScriptedTarget.make()
            target.hold()
            let reports = Reports()
            let queue = try Self.queue(house, target, limits: limits, reports: reports) { $0.invocation.journalID != nil }
            queue.add(try house.item("under way"))
            try await eventually("it is taken") { target.calls.count == 1 }
            queue.add(try house.item("waits"))
            #expect(!queue.hasMuchRoom)
            queue.add(try house.item("kept", qos: 1))
            queue.add(try house.item("not kept"))
            #expect(reports.list == ["not kept: Too many results wait for this action: its target is down or too slow."])
            target.release()
            try await eventually("the others are delivered") { reports.list.suffix(2) == ["under way", "waits"] }
            try await eventually("nothing moves") { queue.isIdle }
        }
    }

    @Test("a stopped queue reports nothing of what it did not deliver")
    func stops() async throws {
        try await RuleHouse.run { house in
            var limits = RuleHouse.quickLimits
            limits.firstBackOff = .milliseconds(20)
            limits.maxAttempts = 1_000_000
            let target = ScriptedTarget.make { _, texts in texts.map { _ in .failed("busy", mayRetry: true) } }
            let reports = Reports()
            let queue = try Self.queue(house, target, limits: limits, reports: reports)
            queue.add(try house.item("a"))
            queue.add(try house.item("b"))
            try await eventually("it waits for the next try") { queue.isIdle }
            queue.stop()
            try await eventually("its worker leaves") { queue.isIdle && !queue.hasMuchRoom }
            #expect(reports.list.isEmpty)
            #expect(queue.count == 1)
        }
    }
}
