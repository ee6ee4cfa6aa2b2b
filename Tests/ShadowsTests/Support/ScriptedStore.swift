import Storage
import Synchronization

/// A store on top of another one that fails or waits when a test says so.
final class ScriptedStore: Store {
    enum Behaviour {
        case normal
        /// The body does not run; the completion comes before the call returns.
        case refused(StoreError)
        /// The body runs, and its changes are undone.
        case undone(StoreError)
    }

    struct HeldRead: Sendable {
        let body: @Sendable (any StoreConnection) throws -> Void
        let completion: @Sendable ((any Error)?) -> Void
    }

    private struct State {
        var behaviour = Behaviour.normal
        var holdsWrites = false
        var holdsReads = false
        var writes: [@Sendable () -> Void] = []
        var reads: [HeldRead] = []
    }

    let base: any Store
    private let state = Mutex(State())

    init(_ base: any Store) { self.base = base }

    func behave(_ behaviour: Behaviour) { self.state.withLock { $0.behaviour = behaviour } }

    // MARK: Waiting

    func holdWrites() { self.state.withLock { $0.holdsWrites = true } }

    /// Does the writes that were held, and holds no more.
    func releaseWrites() {
        let writes = self.state.withLock { state in
            defer { state.writes = [] }
            state.holdsWrites = false
            return state.writes
        }
        for write in writes { write() }
    }

    func holdReads() { self.state.withLock { $0.holdsReads = true } }

    /// The reads that were asked for since they are held, for the test to run them.
    func heldReads() -> [HeldRead] {
        self.state.withLock { state in
            defer { state.reads = [] }
            return state.reads
        }
    }

    // MARK: Store

    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.base.write(body)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.base.read(body)
    }

    func submit(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let isHeld = self.state.withLock { state in
            if state.holdsWrites { state.writes.append { self.pass(body, completion) } }
            return state.holdsWrites
        }
        if !isHeld { self.pass(body, completion) }
    }

    private func pass(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, _ completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        switch self.state.withLock({ $0.behaviour }) {
        case .normal: self.base.submit(body, completion: completion)
        case .refused(let error): completion(error)
        case .undone(let error):
            self.base.submit {
                try body($0)
                throw error
            } completion: {
                completion($0)
            }
        }
    }

    func submitRead(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let isHeld = self.state.withLock { state in
            if state.holdsReads { state.reads.append(HeldRead(body: body, completion: completion)) }
            return state.holdsReads
        }
        if isHeld { return }
        switch self.state.withLock({ $0.behaviour }) {
        case .normal: self.base.submitRead(body, completion: completion)
        case .refused(let error): completion(error)
        case .undone(let error):
            self.base.submitRead {
                try body($0)
                throw error
            } completion: {
                completion($0)
            }
        }
    }

    func close() async { await self.base.close() }
}
