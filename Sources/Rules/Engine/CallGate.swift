import Synchronization

/// Lets so many calls through at one time; others wait, in their order. When too many wait, a call fails at once.
final class CallGate: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let maxWaiting: Int
    private let state: Mutex<State>

    init(limit: Int, maxWaiting: Int) {
        self.maxWaiting = maxWaiting
        self.state = Mutex(State(free: max(1, limit)))
    }

    func pass<T: Sendable>(_ body: () async throws -> T) async throws -> T {
        try await self.enter()
        defer { self.leave() }
        return try await body()
    }

    private func enter() async throws(ExternalFunctionProblem) {
        let isIn = await withCheckedContinuation { continuation in
            let answer = self.state.withLock { state -> Bool? in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < self.maxWaiting else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
        guard isIn else { throw ExternalFunctionProblem("Too many calls of other services wait: they are down or too slow.") }
    }

    private func leave() {
        let next = self.state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }
}

/// An end to waiting, for calls that might not end themselves.
enum TimeLimit {
    /// The answer of `body`, or an error when it takes longer than the limit; `body` is cancelled then, and not waited for.
    static func answer<T: Sendable>(
        within limit: Duration, _ what: String, _ body: @escaping @Sendable () async throws -> T
    ) async throws -> T {
        let (results, outcome) = AsyncStream<Result<T, any Error>>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let work = Task {
            do {
                outcome.yield(.success(try await body()))
            } catch {
                outcome.yield(.failure(error))
            }
        }
        let clock = Task {
            try? await Task.sleep(for: limit)
            outcome.yield(.failure(ExternalFunctionProblem("\(what) gave no answer within \(limit).")))
        }
        defer {
            work.cancel()
            clock.cancel()
        }
        for await result in results { return try result.get() }
        throw CancellationError()
    }
}
