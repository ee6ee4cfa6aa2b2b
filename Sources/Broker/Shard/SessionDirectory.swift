import NIOConcurrencyHelpers
import NIOCore

/// Where each client's session is, for all loops. Its lock is taken when clients come and go, never for a message.
///
/// Connecting is serial per client identifier: whoever holds an identifier decides what becomes of its session, the next one waits.
final class SessionDirectory: Sendable {
    private struct Entry {
        var session: Session?
        var isHeld = false
        var waiting: [Waiter] = []
    }

    private struct Waiter: Sendable {
        let eventLoop: any EventLoop
        let body: @Sendable (Session?) -> Void
    }

    private let entries = NIOLockedValueBox<[ExactText: Entry]>([:])

    /// Connections that may wait for one identifier; more are refused, for two clients that evict each other for ever.
    private static let maxWaiting = 64

    var count: Int { self.entries.withLockedValue { $0.count } }

    func session(_ clientID: ExactText) -> (session: Session, loop: Int)? {
        self.entries.withLockedValue { $0[clientID]?.session.map { ($0, $0.loop) } }
    }

    /// Runs `body` on `eventLoop` (at once when it is free) with the identifier held, until ``release(_:session:)``. `false`: too many wait.
    func hold(_ clientID: ExactText, on eventLoop: any EventLoop, _ body: @escaping @Sendable (Session?) -> Void) -> Bool {
        enum Result { case run(Session?), waits, refused }
        let result: Result = self.entries.withLockedValue { entries in
            var entry = entries[clientID] ?? Entry()
            defer { entries[clientID] = entry }
            if !entry.isHeld {
                entry.isHeld = true
                return .run(entry.session)
            }
            if entry.waiting.count >= Self.maxWaiting { return .refused }
            entry.waiting.append(Waiter(eventLoop: eventLoop, body: body))
            return .waits
        }
        switch result {
        case .run(let session): body(session)
        case .waits: break
        case .refused: return false
        }
        return true
    }

    /// The identifier's session is now this one (`nil`: none), and the next that waits may have it.
    func release(_ clientID: ExactText, session: Session?) {
        let next: (Waiter, Session?)? = self.entries.withLockedValue { entries in
            guard var entry = entries[clientID] else { return nil }
            entry.session = session
            guard !entry.waiting.isEmpty else {
                entry.isHeld = false
                entries[clientID] = session == nil ? nil : entry
                return nil
            }
            let waiter = entry.waiting.removeFirst()
            entries[clientID] = entry
            return (waiter, session)
        }
        if let (waiter, session) = next { waiter.eventLoop.execute { waiter.body(session) } }
    }

    /// Puts in a session that was read from the disk.
    func restore(_ session: Session) {
        self.entries.withLockedValue { $0[session.clientID] = Entry(session: session) }
    }

    /// Runs `body` if the session is this client's current one and nobody holds the identifier, and takes it out.
    func ifIdle(_ session: Session, _ body: () -> Void) {
        let isIdle: Bool = self.entries.withLockedValue { entries in
            guard let entry = entries[session.clientID], entry.session === session, !entry.isHeld else { return false }
            entries[session.clientID] = nil
            return true
        }
        if isIdle { body() }
    }

    /// Takes out a session that ended with its connection; a holder of the identifier finds it discarded.
    func remove(_ session: Session) {
        self.entries.withLockedValue { entries in
            guard let entry = entries[session.clientID], entry.session === session else { return }
            if entry.isHeld { entries[session.clientID]?.session = nil } else { entries[session.clientID] = nil }
        }
    }
}
