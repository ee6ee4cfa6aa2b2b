import Synchronization

/// What was read of late about the certificates that connect, in front of the store: a device that comes back is decided on without I/O.
///
/// Only certificates that may be used are kept. Whoever changes what an entry rests on calls ``forget(_:)`` after the change is in the
/// store, before it is answered.
final class AuthorityCache: Sendable {
    /// What holds for one connection of a certificate.
    struct Found: Sendable {
        var policies: PolicySet
        var certificate: CertificateAttributes?
        var thing: ConnectionThing
    }

    fileprivate struct Entry: Sendable {
        var policies: PolicySet
        var certificate: CertificateAttributes?
        var things: Things
    }

    fileprivate enum Things: Sendable {
        /// No thing has the certificate, so the client id tells none.
        case none
        case exclusive(CachedThing)
        /// What each client id tells.
        case byClientID([String: CachedThing])
    }

    fileprivate struct CachedThing: Sendable {
        var thing: ConnectionThing
        /// Changes of things with its hash value until it was read.
        var change: UInt32
    }

    private struct State {
        var entries: TwoGenerationCache<String, Entry>
        /// Rises with each change, so that what was read before one is not put in after it.
        var epoch: UInt64 = 0
        /// Changes of things, counted by the hash value of their names: an entry that holds a changed thing need not be searched for.
        var thingChanges = [UInt32](repeating: 0, count: 256)

        func changes(of thing: String) -> UInt32 {
            self.thingChanges[Self.slot(thing)]
        }

        static func slot(_ thing: String) -> Int { thing.hashValue & 255 }
    }

    private let state: Mutex<State>

    init(capacity: Int = IdentityLimits.cachedAuthorities) {
        self.state = Mutex(State(entries: TwoGenerationCache(capacity: capacity)))
    }

    /// To be taken before the read whose result goes to `insert`.
    var epoch: UInt64 { self.state.withLock { $0.epoch } }

    /// - Parameters:
    ///   - id: of the certificate.
    ///   - clientID: nil over HTTPS.
    func find(_ id: String, clientID: String?) -> Found? {
        self.state.withLock { state in
            guard let entry = state.entries.find(id) else { return nil }
            let cached: CachedThing
            switch entry.things {
            case .exclusive(let thing): cached = thing
            case .byClientID(let things):
                guard let clientID else { return Found(entry, ConnectionThing()) }
                guard let thing = things[clientID] else { return nil }
                cached = thing
            case .none: return Found(entry, ConnectionThing())
            }
            guard let name = cached.thing.name else { return Found(entry, cached.thing) }
            return state.changes(of: name) == cached.change ? Found(entry, cached.thing) : nil
        }
    }

    /// - Parameters:
    ///   - id: of a certificate that is ACTIVE.
    ///   - hasThings: whether the certificate is attached to any thing.
    ///   - epoch: of before the read.
    func insert(_ found: Found, for id: String, clientID: String?, hasThings: Bool, readAt epoch: UInt64) {
        self.state.withLock { state in
            guard state.epoch == epoch else { return }
            let cached = CachedThing(thing: found.thing, change: found.thing.name.map(state.changes) ?? 0)
            let things: Things
            if found.thing.exclusive != nil {
                things = .exclusive(cached)
            } else if hasThings {
                var known: [String: CachedThing] = [:]
                if case .byClientID(let before)? = state.entries.find(id)?.things { known = before }
                if known.count >= IdentityLimits.cachedClientsPerCertificate { known = [:] }
                if let clientID { known[clientID] = cached }
                things = .byClientID(known)
            } else {
                things = .none
            }
            state.entries.insert(Entry(policies: found.policies, certificate: found.certificate, things: things), for: id)
        }
    }

    func forget(_ scope: AuthorityScope) {
        self.state.withLock { state in
            state.epoch += 1
            switch scope {
            case .principal(.certificate(let id)): state.entries.remove(id)
            case .thing(let name): state.thingChanges[State.slot(name)] &+= 1
            // Nobody who acts by a role is kept here.
            case .roles: break
            case .policy, .thingType, .principal(.cognitoIdentity), .principal(.thingGroup): state.entries.removeAll()
            }
        }
    }
}

extension AuthorityCache.Found {
    fileprivate init(_ entry: AuthorityCache.Entry, _ thing: ConnectionThing) {
        self.init(policies: entry.policies, certificate: entry.certificate, thing: thing)
    }
}
