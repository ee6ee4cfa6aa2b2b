import Testing

@testable import Rules

@Suite("Several results in one call")
struct ActionBatchTests {
    /// Takes all numbers or none: those above 100 are wrong for good, those above 50 for now.
    private static func send(_ numbers: [Int]) async -> (outcomes: [ActionOutcome], calls: [[Int]]) {
        var calls: [[Int]] = []
        let outcomes = await ActionBatch.sendWhole(numbers) { part throws(ServiceFailure) in
            calls.append(part)
            if part.contains(where: { $0 > 100 }) { throw ServiceFailure(message: "wrong", mayRetry: false) }
            if part.contains(where: { $0 > 50 }) { throw ServiceFailure(message: "busy", mayRetry: true) }
        }
        return (outcomes, calls)
    }

    private static let wrong = ActionOutcome.failed("wrong", mayRetry: false)

    @Test("what is right goes in one call")
    func whole() async {
        let (outcomes, calls) = await Self.send([1, 2, 3])
        #expect(outcomes == [.done, .done, .done])
        #expect(calls == [[1, 2, 3]])
    }

    @Test("a wrong entry fails alone, in its place")
    func halves() async {
        let (outcomes, calls) = await Self.send([1, 2, 101, 4, 5])
        #expect(outcomes == [.done, .done, Self.wrong, .done, .done])
        #expect(calls.last == [4, 5])
    }

    @Test("all wrong entries fail, and there are fewer calls than twice their number")
    func allWrong() async {
        let (outcomes, calls) = await Self.send(Array(200..<264))
        #expect(outcomes == [ActionOutcome](repeating: Self.wrong, count: 64))
        #expect(calls.count == 127)
    }

    @Test("a failure that may pass is not looked for in halves")
    func busy() async {
        let (outcomes, calls) = await Self.send([1, 51])
        #expect(outcomes == [.failed("busy", mayRetry: true), .failed("busy", mayRetry: true)])
        #expect(calls.count == 1)
    }
}
