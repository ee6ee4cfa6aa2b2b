import Synchronization

/// Where this server's API is reached, for what it hands to others: known as soon as the port is bound.
final class OwnAddress: Sendable {
    private let state = Mutex<String?>(nil)

    /// "http://localhost:4566"; nil until the port is bound.
    var api: String? {
        get { self.state.withLock { $0 } }
        set { self.state.withLock { $0 = newValue } }
    }
}
