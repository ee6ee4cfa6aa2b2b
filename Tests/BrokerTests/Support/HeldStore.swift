import NIOConcurrencyHelpers
import NIOCore
import Storage

/// A store that takes what one loop writes when it is told to, or refuses it.
final class HeldStore: Store {
    private struct State {
        var loop: (any EventLoop)?
        var held: [@Sendable (_ isRefused: Bool) -> Void] = []
    }

    struct Refused: Error {}

    private let store: any Store
    private let state = NIOLockedValueBox(State())

    init(_ store: any Store) { self.store = store }

    func hold(_ loop: any EventLoop) { self.state.withLockedValue { $0.loop = loop } }

    var heldCount: Int { self.state.withLockedValue { $0.held.count } }

    /// What was held is written or refused now, and all that comes later is written.
    func letGo(refusing isRefused: Bool = false) {
        let held = self.state.withLockedValue { state in
            state.loop = nil
            defer { state.held = [] }
            return state.held
        }
        for write in held { write(isRefused) }
    }

    func submit(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
    ) {
        let isHeld = self.state.withLockedValue { state in
            guard let loop = state.loop, loop.inEventLoop else { return false }
            state.held.append { isRefused in
                if isRefused { completion(Refused()) } else { self.store.submit(body, completion: completion) }
            }
            return true
        }
        if !isHeld { self.store.submit(body, completion: completion) }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.store.write(body)
    }
    func read<T: Sendable>(_ body: @escaping @Sendable (any StoreConnection) throws -> T) async throws -> T {
        try await self.store.read(body)
    }
    func submitRead(
        _ body: @escaping @Sendable (any StoreConnection) throws -> Void, completion: @escaping @Sendable ((any Error)?) -> Void
    ) { self.store.submitRead(body, completion: completion) }
    func close() async { await self.store.close() }
}
