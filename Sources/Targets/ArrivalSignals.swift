import Synchronization

/// Wakes those who wait for something to arrive, by the name of what it arrives in: a queue (SQS long polling), all delivery streams. Nobody
/// looks again and again.
final class ArrivalSignals: Sendable {
    private struct Waiter {
        let continuation: CheckedContinuation<Void, Never>
        var timer: Task<Void, Never>?
    }

    private struct State {
        /// Rises with each signal of a queue.
        var marks: [String: UInt64] = [:]
        var waiters: [String: [UInt64: Waiter]] = [:]
        var nextID: UInt64 = 0
        var isStopped = false
    }

    private let state = Mutex(State())

    /// To be taken before one looks into the queue: what comes after it ends a wait.
    func mark(_ queue: String) -> UInt64 { self.state.withLock { $0.marks[queue] ?? 0 } }

    var isStopped: Bool { self.state.withLock { $0.isStopped } }

    /// There is something new in a queue, or it is gone.
    func signal(_ queue: String) {
        let waiters = self.state.withLock { state in
            state.marks[queue, default: 0] += 1
            return state.waiters.removeValue(forKey: queue) ?? [:]
        }
        for waiter in waiters.values { Self.end(waiter) }
    }

    /// A queue is gone.
    func forget(_ queue: String) {
        self.signal(queue)
        self.state.withLock { $0.marks[queue] = nil }
    }

    /// Ends all waits, and those to come: the server stops.
    func stop() {
        let waiters = self.state.withLock { state in
            state.isStopped = true
            let waiters = state.waiters.values.flatMap(\.values)
            state.waiters = [:]
            return waiters
        }
        for waiter in waiters { Self.end(waiter) }
    }

    /// Waits for a signal after `mark`, for at most a time.
    func wait(for queue: String, after mark: UInt64, atMost duration: Duration) async {
        let id = self.state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = self.state.withLock { state in
                    if state.isStopped || state.marks[queue] ?? 0 != mark || Task.isCancelled { return true }
                    state.waiters[queue, default: [:]][id] = Waiter(continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() } else { self.startTimer(id, of: queue, duration) }
            }
        } onCancel: {
            self.wake(id, of: queue)
        }
    }

    /// After the waiter is there: a timer that ends before would find nobody to wake.
    private func startTimer(_ id: UInt64, of queue: String, _ duration: Duration) {
        let timer = Task {
            try? await Task.sleep(for: duration)
            self.wake(id, of: queue)
        }
        let isLate = self.state.withLock { state in
            guard state.waiters[queue]?[id] != nil else { return true }
            state.waiters[queue]?[id]?.timer = timer
            return false
        }
        if isLate { timer.cancel() }
    }

    private func wake(_ id: UInt64, of queue: String) {
        let waiter = self.state.withLock { state in
            let waiter = state.waiters[queue]?.removeValue(forKey: id)
            if state.waiters[queue]?.isEmpty ?? false { state.waiters[queue] = nil }
            return waiter
        }
        if let waiter { Self.end(waiter) }
    }

    private static func end(_ waiter: Waiter) {
        waiter.timer?.cancel()
        waiter.continuation.resume()
    }
}
