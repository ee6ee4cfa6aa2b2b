import Synchronization

/// What one connection may do, as of now: a snapshot that is replaced in place when a policy, an attachment, the certificate or a thing
/// changes. It lives as long as the connection holds it.
package final class ConnectionAuthorityBox: Sendable {
    enum Content: Sendable {
        /// Before the first read of the store.
        case loading
        /// Nothing is allowed: the certificate may not be used, or its policies could not be read. Rare, and so not in each box's size.
        indirect case refused(String, certificate: CertificateAttributes?)
        case effective(EffectiveAuthority)
    }

    private struct State {
        var content: Content
        /// Of the read that `content` is from (`LiveAuthorities.nextTicket`).
        var ticket: UInt64
        var listener: Listener?
    }

    /// A function in a struct: one that is a mutex's own value would be wrapped once more with each look at it.
    private struct Listener: Sendable {
        var call: @Sendable () -> Void
    }

    package let subject: AuthoritySubject
    private let state = Mutex(State(content: .loading, ticket: 0))
    private let live: LiveAuthorities

    init(subject: AuthoritySubject, live: LiveAuthorities) {
        self.subject = subject
        self.live = live
    }

    deinit {
        self.live.remove(ObjectIdentifier(self), of: self.subject.principal)
    }

    /// Decides without I/O and without waiting for anything but another thread's copy of a reference.
    package func decide(_ action: DeviceAction, _ name: String) -> AuthorityDecision {
        switch self.content {
        case .effective(let authority): authority.decide(action, name)
        case .refused(let why, _): Self.refusal(action.policyAction.name, name, why)
        case .loading: Self.refusal(action.policyAction.name, name, Self.notLoaded)
        }
    }

    /// The same for the operations of the HTTPS port.
    ///
    /// - Parameter resource: the last part of the ARN ("thing/lamp"), or `*` for actions without a resource.
    package func decide(_ action: PolicyAction, resource: String) -> AuthorityDecision {
        switch self.content {
        case .effective(let authority): authority.decide(action, resource: resource)
        case .refused(let why, _): Self.refusal(action.name, resource, why)
        case .loading: Self.refusal(action.name, resource, Self.notLoaded)
        }
    }

    /// The thing that alone holds the principal (`EXCLUSIVE_THING`): lifecycle events name it.
    package var exclusiveThing: String? {
        if case .effective(let authority) = self.content { authority.exclusiveThing } else { nil }
    }

    /// What is added to each message that the connection publishes.
    package var userProperties: [UserProperty] {
        if case .effective(let authority) = self.content { authority.userProperties } else { [] }
    }

    /// Has `listener` called after each change, on any thread. One listener, set once.
    package func onChange(_ listener: @escaping @Sendable () -> Void) {
        self.state.withLock { $0.listener = Listener(call: listener) }
    }

    /// Replaces the content, unless it came from a later read.
    func take(_ content: Content, ticket: UInt64) {
        let listener = self.state.withLock { state -> Listener? in
            guard ticket > state.ticket else { return nil }
            state.content = content
            state.ticket = ticket
            return state.listener
        }
        listener?.call()
    }

    /// What is known of the certificate, which never changes for one id.
    var certificate: CertificateAttributes? {
        switch self.content {
        case .loading: nil
        case .refused(_, let certificate): certificate
        case .effective(let authority): authority.certificate
        }
    }

    /// False only if the policy's document has no part in what this allows. While it is being read it may have.
    func mayUse(policy: String) -> Bool {
        switch self.content {
        case .loading, .refused: true
        case .effective(let authority): authority.policies.documents.contains { $0.name == policy }
        }
    }

    func mayConcern(thing: String) -> Bool {
        if self.subject.clientID == thing { return true }
        switch self.content {
        case .loading, .refused: return true
        case .effective(let authority): return authority.exclusiveThing == thing
        }
    }

    func mayConcern(thingType: String) -> Bool {
        switch self.content {
        case .loading, .refused: true
        case .effective(let authority): authority.thingType == thingType
        }
    }

    /// Whether the connection's thing is in the group or below it.
    func mayConcern(group: String) -> Bool {
        switch self.content {
        case .loading, .refused: true
        case .effective(let authority): authority.groups.contains(group)
        }
    }

    private var content: Content { self.state.withLock { $0.content } }

    private static let notLoaded = "its policies have not been read yet"

    private static func refusal(_ action: String, _ resource: String, _ why: String) -> AuthorityDecision {
        AuthorityDecision(reason: .refused(why), action: action, resource: resource)
    }
}
