import Testing

@testable import Rules

@Suite("What waits for an action")
struct ActionQueueStateTests {
    private static func state(
        maxItems: Int = 100, maxBytes: Int = 1000, concurrency: Int = 2, batchLimit: Int = 2
    ) -> ActionQueueState {
        ActionQueueState(maxItems: maxItems, maxBytes: maxBytes, concurrency: concurrency, batchLimit: batchLimit)
    }

    private enum Outcome { case starts, fits, refused }

    private static func add(_ text: String, to state: inout ActionQueueState, _ house: RuleHouse) throws -> Outcome {
        guard let start = state.add(try house.item(text), at: .now) else { return .refused }
        return start.isWorkerNeeded ? .starts : .fits
    }

    /// `.fits` is for `.starts` too.
    private static func expect(
        _ text: String, in state: inout ActionQueueState, _ house: RuleHouse, _ expected: Outcome,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let outcome = try Self.add(text, to: &state, house)
        let isExpected = outcome == expected || (expected == .fits && outcome == .starts)
        #expect(isExpected, "\(text): \(outcome)", sourceLocation: sourceLocation)
    }

    private static func texts(_ batch: [ActionItem]?) -> [String]? { batch?.map { String(decoding: $0.bytes, as: UTF8.self) } }

    @Test("batches are taken in order, by no more workers than allowed")
    func batches() async throws {
        try await RuleHouse.run { house in
            var state = Self.state()
            var workers = 0
            for text in ["a", "b", "c", "d", "e"] where state.add(try house.item(text), at: .now)?.isWorkerNeeded == true { workers += 1 }
            #expect(workers == 2)
            #expect(Self.texts(state.take()) == ["a", "b"])
            #expect(Self.texts(state.take()) == ["c", "d"])
            #expect(Self.texts(state.take()) == ["e"])
            #expect(state.take() == nil)
            #expect(!state.isIdle)
            #expect(state.take() == nil)
            #expect(state.isIdle)
            try Self.expect("f", in: &state, house, .starts)
        }
    }

    @Test("it has bounds of results and of bytes, and room again when some are taken")
    func bounds() async throws {
        try await RuleHouse.run { house in
            var few = Self.state(maxItems: 2)
            try Self.expect("a", in: &few, house, .fits)
            #expect(few.hasMuchRoom)
            try Self.expect("b", in: &few, house, .fits)
            try Self.expect("c", in: &few, house, .refused)
            #expect(!few.hasMuchRoom)
            _ = few.take()
            #expect(few.hasMuchRoom)
            try Self.expect("c", in: &few, house, .fits)

            var small = Self.state(maxBytes: 5)
            try Self.expect("abc", in: &small, house, .fits)
            try Self.expect("def", in: &small, house, .refused)
            try Self.expect("de", in: &small, house, .fits)
            _ = small.take()
            try Self.expect("abcde", in: &small, house, .fits)
        }
    }

    @Test("when all workers wait for the next try, nothing moves; a stop ends them")
    func rests() async throws {
        try await RuleHouse.run { house in
            var state = Self.state(concurrency: 1)
            for text in ["a", "b", "c"] { _ = state.add(try house.item(text), at: .now) }
            _ = state.take()
            #expect(!state.isIdle)
            state.rest()
            #expect(state.isIdle)
            state.stop()
            let goesOn = state.resume()
            #expect(!goesOn)
            #expect(state.take() == nil)
            try Self.expect("d", in: &state, house, .refused)
        }
    }
}
