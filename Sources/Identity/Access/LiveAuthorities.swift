import Synchronization

/// The authorities that connections hold at this moment. It does not keep them alive: one that its connection let go drops out.
final class LiveAuthorities: Sendable {
    private struct Entry: Sendable {
        weak var box: ConnectionAuthorityBox?
    }

    private struct State {
        var entries: [Principal: [ObjectIdentifier: Entry]] = [:]
        var lastTicket: UInt64 = 0
    }

    private let state = Mutex(State())

    var count: Int {
        self.state.withLock { $0.entries.values.reduce(0) { $0 + $1.count } }
    }

    var isEmpty: Bool { self.state.withLock { $0.entries.isEmpty } }

    /// - Returns: a ticket for what is read from now on.
    func add(_ box: ConnectionAuthorityBox) -> UInt64 {
        self.state.withLock { state in
            state.entries[box.subject.principal, default: [:]][ObjectIdentifier(box)] = Entry(box: box)
            state.lastTicket += 1
            return state.lastTicket
        }
    }

    /// Called by a box that goes away, before its place in memory can be taken.
    func remove(_ id: ObjectIdentifier, of principal: Principal) {
        self.state.withLock { state in
            state.entries[principal]?.removeValue(forKey: id)
            if state.entries[principal]?.isEmpty == true { state.entries.removeValue(forKey: principal) }
        }
    }

    /// A number that orders reads of the store: a box takes what was read with a higher ticket over what was read with a lower one.
    func nextTicket() -> UInt64 {
        self.state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
    }

    /// Those whose authority may have changed.
    func boxes(in scope: AuthorityScope) -> [ConnectionAuthorityBox] {
        let candidates = self.state.withLock { state -> [Entry] in
            switch scope {
            case .principal(.certificate(let id)): state.entries[.certificate(id: id)].map { Array($0.values) } ?? []
            case .principal(.cognitoIdentity): []
            case .policy, .thing, .thingType, .principal(.thingGroup), .roles: state.entries.values.flatMap(\.values)
            }
        }
        return candidates.compactMap(\.box).filter(scope.affects)
    }
}
