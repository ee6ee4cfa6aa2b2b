import Foundation
import Testing

@testable import Functions

/// An instance without a process: the test is the runtime.
private func makeInstance(_ change: (inout FunctionLimits) -> Void = { _ in }) throws -> FunctionInstance {
    var limits = FunctionLimits()
    change(&limits)
    let record = FunctionRecord(
        name: "f", runtime: .provided, handler: "", role: "", codeID: "c", codeSHA256: "", codeSize: 0, revisionID: "", lastModified: 0)
    return FunctionInstance(of: record, output: try OutputPipe(maxBytes: 1024), limits: limits)
}

private func invocation(_ id: String, timeout: Duration = .seconds(60)) -> Invocation {
    Invocation(requestID: id, payload: [1], functionARN: "arn", clientContext: nil, timeout: timeout)
}

@Suite("An instance", .timeLimit(.minutes(2)))
struct FunctionInstanceTests {
    @Test("hands its invocation to whoever asks, before or after it came")
    func order() async throws {
        let instance = try makeInstance()
        for id in ["1", "2"] {
            async let outcome = instance.invoke(invocation(id))
            #expect(await instance.next()?.requestID == id)
            #expect(await instance.answered("other", .response([])) == false)
            #expect(await instance.answered(id, .response([7])))
            #expect(await outcome == .response([7]))
            #expect(await instance.handedOverAt != nil)
            #expect(await instance.answered(id, .response([8])) == false)
        }
    }

    @Test("ends an invocation that takes too long, and is not used again")
    func timeout() async throws {
        let instance = try makeInstance()
        async let outcome = instance.invoke(invocation("1", timeout: .milliseconds(10)))
        #expect(await instance.next()?.requestID == "1")
        #expect(await outcome == .timedOut(.milliseconds(10)))
        #expect(await instance.isUsable == false)
        #expect(await instance.next() == nil)
    }

    @Test("is over when its runtime answered and does not come back")
    func lingering() async throws {
        let instance = try makeInstance()
        async let first = instance.invoke(invocation("1", timeout: .seconds(3)))
        _ = await instance.next()
        #expect(await instance.answered("1", .response([])))
        #expect(await first == .response([]))
        while await instance.isUsable { await Task.yield() }
        #expect(await instance.invoke(invocation("2")) != .response([]))
        #expect(await instance.handedOverAt == nil)
    }

    @Test("gives up a runtime that does not ask in time")
    func initTime() async throws {
        let instance = try makeInstance { $0.initTime = .milliseconds(10) }
        #expect(await instance.invoke(invocation("1")) == .initTimedOut(.milliseconds(10)))
        #expect(await instance.handedOverAt == nil)
        #expect(await instance.isUsable == false)
    }

    @Test("tells how its process ended, whenever it is asked")
    func exits() async throws {
        let instance = try makeInstance()
        async let outcome = instance.invoke(invocation("1"))
        _ = await instance.next()
        await instance.exited(.exited("exit status 7"))
        #expect(await outcome == .exited("exit status 7"))
        #expect(await instance.invoke(invocation("2")) == .exited("exit status 7"))
        await instance.waitForEnd()
    }

    @Test("keeps what the runtime said of its start, also when nobody has asked yet")
    func initErrors() async throws {
        let instance = try makeInstance()
        await instance.failedToStart([1, 2])
        await instance.exited(.exited("exit status 1"))
        #expect(await instance.invoke(invocation("1")) == .initFailed([1, 2]))
    }

    @Test("gives an invocation again that was sent to a connection which was gone")
    func lost() async throws {
        let instance = try makeInstance()
        async let outcome = instance.invoke(invocation("1"))
        #expect(await instance.next()?.requestID == "1")
        await instance.lost("1")
        #expect(await instance.handedOverAt == nil)
        #expect(await instance.next()?.requestID == "1")
        #expect(await instance.answered("1", .response([1])))
        #expect(await outcome == .response([1]))
        await instance.lost("1")
    }

    @Test("answers who asked first when somebody asks again")
    func askedTwice() async throws {
        let instance = try makeInstance()
        async let first = instance.next()
        async let second = instance.next()
        async let outcome = instance.invoke(invocation("1"))
        // Which of them came first is not ours to say, but one got it and the other did not.
        while await !instance.answered("1", .response([])) { await Task.yield() }
        #expect(await outcome == .response([]))
        await instance.stop()
        #expect(await [first?.requestID, second?.requestID].compactMap(\.self) == ["1"])
    }

    @Test("that was stopped answers everybody")
    func stop() async throws {
        let instance = try makeInstance()
        async let asking = instance.next()
        async let end: Void = instance.waitForEnd()
        await instance.stop()
        await instance.exited(.exited("signal: 9"))
        #expect(await asking == nil)
        await end
        #expect(await instance.next() == nil)
    }
}
