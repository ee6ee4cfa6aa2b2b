import Storage
import Synchronization

/// A store that refuses or holds the writes of event loops when a test says so.
final class FailingStore: Store {
    private struct State {
        var failure: StoreError?
        var refused = 0
        var isHeld = false
        var held: [@Sendable () -> Void] = []
    }

    private let base: any Store
    private let state = Mutex(State())

    init(_ base: any Store) { self.base = base }

    /// From now on; nil lets writes through again.
    func refuse(_ failure: StoreError?) { self.state.withLock { $0.failure = failure } }

    var refused: Int { self.state.withLock { $0.refused } }
    var heldWrites: Int { self.state.withLock { $0.held.count } }

    func hold() { self.state.withLock { $0.isHeld = true } }

    func release() {
        let held = self.state.withLock { state in
            state.isHeld = false
            defer { state.held = [] }
            return state.held
        }
        for write in held { write() }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.base.write(body)
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.base.read(body)
    }

    func submit(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let (failure, isHeld) = self.state.withLock { state in
            if state.failure != nil {
                state.refused += 1
            } else if state.isHeld {
                state.held.append { self.base.submit(body, completion: completion) }
            }
            return (state.failure, state.isHeld)
        }
        if let failure { return completion(failure) }
        if !isHeld { self.base.submit(body, completion: completion) }
    }

    func submitRead(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
    ) { self.base.submitRead(body, completion: completion) }

    func close() async { await self.base.close() }
}
