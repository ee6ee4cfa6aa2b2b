import Storage
import Testing

@testable import Rules

@Suite("Messages that wait on disk")
struct RuleBacklogEngineTests {
    private static let busy: ScriptedTarget.Script = { _, texts in texts.map { _ in .failed("busy", mayRetry: true) } }

    /// Stops a server while a target does not work, and returns what it was given there.
    private static func leave(_ folder: String, _ count: Int, rule: String = "r", works: ScriptedTarget? = nil) async throws {
        var limits = RuleHouse.quickLimits
        limits.maxAttempts = 1_000_000
        limits.longestBackOff = .seconds(1)
        limits.maxQueued = 10
        try await RuleHouse.run(folder: folder, limits: limits) { house in
            let target = ScriptedTarget.make(Self.busy)
            await house.engine.apply(try house.definition(rule, to: [target] + [works].compactMap { $0 }))
            for number in 0..<count { try await house.publish("\(number)") }
            if let works { try await eventually("the other action works") { works.received.count == count } }
        }
    }

    @Test("what was not done when the server stopped is done after its next start, and the rest is not done again")
    func restarts() async throws {
        try await withFolder { folder in
            let works = ScriptedTarget.make()
            try await Self.leave(folder, 5, works: works)
            try await RuleHouse.run(folder: folder) { house in
                let target = ScriptedTarget.make()
                #expect(try await house.journalled() == 5)
                try await house.engine.journal.load(of: ["r"])
                await house.engine.apply(try house.definition(to: [target, works]))
                try await eventually("the journal is empty") { try await house.journalled() == 0 }
                #expect(target.received.sorted() == ["0", "1", "2", "3", "4"])
                #expect(works.received.count == 5)
                try await house.publish("5")
                try await eventually("new ones have numbers of their own") { target.received.contains("5") }
            }
        }
    }

    @Test("what waits for a rule that is gone is forgotten")
    func gone() async throws {
        try await withFolder { folder in
            try await Self.leave(folder, 3, rule: "old")
            try await RuleHouse.run(folder: folder) { house in
                try await house.service.start()
                try await eventually("the journal is empty") { try await house.journalled() == 0 }
            }
            try await Self.leave(folder, 3)
            try await RuleHouse.run(folder: folder) { house in
                try await house.engine.journal.load(of: ["r"])
                #expect(house.engine.journal.backlogCount(of: "r") == 3)
                house.engine.journal.forgetBacklog(of: "r")
                try await eventually("the journal is empty") { try await house.journalled() == 0 }
            }
        }
    }

    @Test("a damaged row is dropped, the others are not")
    func damaged() async throws {
        try await withFolder { folder in
            try await Self.leave(folder, 3)
            try await RuleHouse.run(folder: folder) { house in
                try await house.store.write { connection in
                    _ = try connection.execute(
                        "UPDATE rule_journal SET message = ? WHERE id = (SELECT MIN(id) FROM rule_journal)", [.blob([1, 2])])
                }
                let target = ScriptedTarget.make()
                try await house.engine.journal.load(of: ["r"])
                await house.engine.apply(try house.definition(to: [target]))
                try await eventually("the journal is empty") { try await house.journalled() == 0 }
                #expect(target.received.sorted() == ["1", "2"])
            }
        }
    }

    @Test("while a target is down, what its queue has no room for waits on disk, and the error action hears nothing of it")
    func targetIsDown() async throws {
        var limits = RuleHouse.quickLimits
        limits.maxQueued = 4
        try await RuleHouse.run(limits: limits) { house in
            let (slow, fast, error) = (ScriptedTarget.make(), ScriptedTarget.make(), ScriptedTarget.make())
            slow.hold()
            await house.engine.apply(try house.definition(to: [slow, fast], error: error))
            for number in 0..<100 {
                try await house.publish("\(number)")
                try await eventually("the other action is not delayed") { fast.received.count == number + 1 }
            }
            #expect(house.engine.journal.backlogCount(of: "r") > 80)
            slow.release()
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
            // At least once: a message that is put off may come twice, but none is missing.
            #expect(Set(slow.received) == Set((0..<100).map(String.init)))
            #expect(Set(fast.received).count == 100)
            #expect(error.calls.isEmpty)
        }
    }

    @Test("past its bounds it fails the action, and QoS 0 does at once")
    func bounds() async throws {
        var limits = RuleHouse.quickLimits
        limits.maxQueued = 1
        limits.maxPutOff = 2
        try await RuleHouse.run(limits: limits) { house in
            let (slow, error) = (ScriptedTarget.make(), ScriptedTarget.make())
            slow.hold()
            await house.engine.apply(try house.definition(to: [slow], error: error))
            try await house.publish("first")
            try await eventually("it is under way") { slow.calls.count == 1 }
            for number in 0..<3 { try await house.publish("\(number)") }
            try await eventually("two are put off") { house.engine.journal.backlogCount(of: "r") == 2 }
            try await house.publish("too many")
            try await eventually("the error action is told") { error.received.count == 1 }
            try await house.publish("not kept", qos: 0)
            try await eventually("the error action is told") { error.received.count == 2 }
            slow.release()
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
            #expect(Set(slow.received) == ["first", "0", "1", "2"])
        }
    }
}
