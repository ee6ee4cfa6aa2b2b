import Synchronization

/// Puts events into the order of the commits that they come from: the callers that committed go on in any order.
final class EventSequence: Sendable {
    /// A place in the order, taken inside the write. It is given back even when the write fails.
    struct Ticket: Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var lastTaken: UInt64 = 0
        var lastTold: UInt64 = 0
        /// Of tickets that came back before earlier ones did.
        var waiting: [UInt64: [RegistryEvent]] = [:]
    }

    private let state = Mutex(State())

    func take() -> Ticket {
        self.state.withLock { state in
            state.lastTaken += 1
            return Ticket(number: state.lastTaken)
        }
    }

    /// Hands `tell` all events whose turn it is. It is called under a lock, so that nobody overtakes it: it must not wait.
    ///
    /// - Parameter events: none when the write failed.
    func settle(_ ticket: Ticket, _ events: [RegistryEvent], tell: (RegistryEvent) -> Void) {
        self.state.withLock { state in
            state.waiting[ticket.number] = events
            while let next = state.waiting.removeValue(forKey: state.lastTold + 1) {
                state.lastTold += 1
                next.forEach(tell)
            }
        }
    }
}
