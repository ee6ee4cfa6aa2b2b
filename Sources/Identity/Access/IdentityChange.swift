import Synchronization

/// What other rooms hear of. The live authorities were refreshed before, and told whoever caches their decisions.
package enum IdentityChange: Sendable, Hashable {
    /// A policy, an attachment, a certificate or a thing changed that somebody who is connected rests on.
    case policiesChanged
    /// The same, but nobody who is connected rests on it: what was decided for them holds.
    case othersChanged
    /// The certificate may not be used any more: its connections end at once.
    case certificateDeactivated(id: String)
}

/// Those who want to hear of changes. They are called one after the other, and the API's answer waits for them.
final class ChangeListeners: Sendable {
    typealias Listener = @Sendable (IdentityChange) async -> Void

    private let listeners = Mutex<[Listener]>([])

    func add(_ listener: @escaping Listener) {
        self.listeners.withLock { $0.append(listener) }
    }

    func tell(_ change: IdentityChange) async {
        for listener in self.listeners.withLock({ $0 }) { await listener(change) }
    }
}
