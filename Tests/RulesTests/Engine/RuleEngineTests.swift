import JSON
import Storage
import Testing

@testable import Rules

@Suite("The rules engine")
struct RuleEngineTests {
    @Test("a message of QoS 1 leaves the journal when its actions are done; one of QoS 0 never enters it")
    func journals() async throws {
        try await RuleHouse.run { house in
            let target = ScriptedTarget.make()
            target.hold()
            await house.engine.apply(try house.definition(to: [target]))
            try await house.publish("0", qos: 0)
            try await eventually("QoS 0 is under way") { target.received == ["0"] }
            #expect(try await house.journalled() == 0)
            try await house.publish("1")
            #expect(try await house.journalled() == 1)
            target.release()
            try await eventually("both are delivered") { target.received == ["0", "1"] }
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
        }
    }

    @Test("the acknowledgement of a message that no rule wants goes")
    func unmatched() async throws {
        try await RuleHouse.run { house in
            let target = ScriptedTarget.make()
            await house.engine.apply(try house.definition(sql: "SELECT * FROM 'in' WHERE x > 1", to: [target]))
            try await house.publish(#"{"x": 1}"#)
            try await house.publish(#"{"x": 2}"#)
            try await eventually("the other one is delivered") { target.received == [#"{"x":2}"#] }
        }
    }

    @Test("the error action runs once for all failed actions of a message")
    func errorAction() async throws {
        try await RuleHouse.run { house in
            let fails = (0..<2).map { _ in ScriptedTarget.make { _, texts in texts.map { _ in .failed("no", mayRetry: false) } } }
            let (works, error) = (ScriptedTarget.make(), ScriptedTarget.make())
            await house.engine.apply(try house.definition(to: [fails[0], works, fails[1]], error: error))
            try await house.publish("1")
            try await eventually("the error action runs") { !error.received.isEmpty }
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
            #expect(error.calls.count == 1)
            let report = try JSONValue(parsing: error.received.joined())
            #expect(report["failures"]?.arrayValue?.compactMap { $0["failedResource"]?.stringValue }.sorted() == fails.map(\.name).sorted())
            #expect(works.received == ["1"])
        }
    }

    @Test("when the store refuses, the publisher is told, and it works again afterwards", arguments: [StoreError.overloaded(limit: 1)])
    func refused(_ error: StoreError) async throws {
        try await RuleHouse.run { house in
            let target = ScriptedTarget.make()
            target.hold()
            await house.engine.apply(try house.definition(to: [target]))
            house.store.refuse(error)
            await #expect(throws: (any Error).self) { try await house.publish("1") }
            house.store.refuse(nil)
            try await house.publish("2")
            #expect(try await house.journalled() == 1)
            target.release()
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
        }
    }

    @Test("rows that cannot be deleted for now are deleted later, at a measured pace")
    func deletesLater() async throws {
        try await RuleHouse.run { house in
            let target = ScriptedTarget.make()
            target.hold()
            await house.engine.apply(try house.definition(to: [target]))
            try await house.publish("1")
            house.store.refuse(.overloaded(limit: 1))
            target.release()
            try await eventually("it is tried twice") { house.store.refused > 1 }
            #expect(try await house.journalled() == 1)
            house.store.refuse(nil)
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
        }
    }

    @Test("a message without room for waiting is dropped, and its publisher is answered")
    func fullWaiting() async throws {
        var limits = RuleHouse.quickLimits
        limits.maxWaiting = 0
        try await RuleHouse.run(limits: limits) { house in
            let target = ScriptedTarget.make()
            await house.engine.apply(try house.definition(to: [target]))
            try await house.publish("1")
            #expect(target.calls.isEmpty)
        }
    }

    @Test("a replaced rule finishes what it took, and takes nothing more")
    func replaced() async throws {
        try await RuleHouse.run { house in
            let (old, new) = (ScriptedTarget.make(), ScriptedTarget.make())
            old.hold()
            await house.engine.apply(try house.definition(to: [old]))
            try await house.publish("1")
            await house.engine.apply(try house.definition(to: [new]))
            try await house.publish("2")
            old.release()
            try await eventually("each has its own") { (old.received, new.received) == (["1"], ["2"]) }
            await house.engine.remove("r")
            try await house.publish("3")
            try await eventually("the journal is empty") { try await house.journalled() == 0 }
            #expect(new.received == ["2"])
        }
    }
}
