import Testing

@testable import Targets

/// Waits here are for minutes: a test that hangs is one whose wait was not ended by what should end it.
@Suite("Waiting for messages", .timeLimit(.minutes(1)))
struct ArrivalSignalTests {
    private let signals = ArrivalSignals()
    private static let long = Duration.seconds(600)

    @Test("a signal wakes those who wait for its queue")
    func wakes() async {
        let mark = self.signals.mark("a")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await self.signals.wait(for: "a", after: mark, atMost: Self.long) } }
            group.addTask { self.signals.signal("a") }
        }
    }

    @Test("what came after the mark ends a wait at once, what came before does not")
    func mark() async {
        let mark = self.signals.mark("a")
        self.signals.signal("a")
        await self.signals.wait(for: "a", after: mark, atMost: Self.long)
        #expect(self.signals.mark("a") != mark)
        await self.signals.wait(for: "a", after: self.signals.mark("a"), atMost: .milliseconds(1))
    }

    @Test("a wait ends with its task, and with the server")
    func ends() async {
        let waiting = Task { await self.signals.wait(for: "a", after: 0, atMost: Self.long) }
        waiting.cancel()
        await waiting.value
        let other = Task { await self.signals.wait(for: "b", after: 0, atMost: Self.long) }
        self.signals.stop()
        await other.value
        await self.signals.wait(for: "c", after: 0, atMost: Self.long)
        #expect(self.signals.isStopped)
    }

    @Test("waits of no time end")
    func zero() async {
        for _ in 0..<100 { await self.signals.wait(for: "a", after: 0, atMost: .zero) }
    }
}
