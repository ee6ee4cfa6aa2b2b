import Synchronization
import Testing

@testable import Rules

@Suite("Calls of other services at one time")
struct CallGateTests {
    /// Counts who is inside, and lets them out when told.
    private final class Room: Sendable {
        private let state = Mutex((inside: 0, most: 0))
        private let exits = AsyncStream<Void>.makeStream()

        var most: Int { self.state.withLock { $0.most } }
        var inside: Int { self.state.withLock { $0.inside } }

        func visit() async {
            self.state.withLock {
                $0.inside += 1
                $0.most = max($0.most, $0.inside)
            }
            for await _ in self.exits.stream { break }
            self.state.withLock { $0.inside -= 1 }
        }

        func open(_ times: Int) { for _ in 0..<times { self.exits.continuation.yield() } }
    }

    @Test("as many pass as may, one after the other, and all get through")
    func passes() async throws {
        let gate = CallGate(limit: 1, maxWaiting: 10)
        let room = Room()
        room.open(10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await gate.pass { await room.visit() } } }
            try await group.waitForAll()
        }
        #expect((room.most, room.inside) == (1, 0))
    }

    @Test("past those that may wait, a call fails at once")
    func full() async throws {
        let gate = CallGate(limit: 1, maxWaiting: 0)
        let room = Room()
        let first = Task { try await gate.pass { await room.visit() } }
        while room.inside == 0 { await Task.yield() }
        await #expect(throws: ExternalFunctionProblem.self) { try await gate.pass { await room.visit() } }
        room.open(1)
        try await first.value
        try await gate.pass {}
        #expect(room.most == 1)
    }

    @Test("a failure leaves the gate open")
    func failure() async throws {
        let gate = CallGate(limit: 1, maxWaiting: 0)
        await #expect(throws: ActionProblem.self) { try await gate.pass { throw ActionProblem("no") } }
        #expect(try await gate.pass { 5 } == 5)
    }

    @Test("what takes too long is not waited for")
    func timeLimit() async throws {
        let room = Room()
        await #expect(throws: ExternalFunctionProblem.self) {
            try await TimeLimit.answer(within: .milliseconds(1), "It") { await room.visit() }
        }
        #expect(try await TimeLimit.answer(within: .seconds(60), "It") { 5 } == 5)
        await #expect(throws: ActionProblem.self) {
            try await TimeLimit.answer(within: .seconds(60), "It") { throw ActionProblem("no") }
        }
    }
}
