import Broker

/// One request about one shadow, checked, on its way to the database and back.
struct ShadowRequest: Sendable {
    enum Operation: Sendable {
        case get
        case update(ShadowChange)
        case delete
    }

    /// Who gets the answer.
    enum Reply: Sendable {
        /// Its topics; the publisher's acknowledgement waits with it.
        case topics(ServiceReceipt?)
        /// The caller of the API or of another room. Called once, from anywhere, while the queue is locked: it only hands the outcome on.
        case caller(@Sendable (ShadowOutcome) -> Void)
    }

    let key: ShadowKey
    let operation: Operation
    let clientToken: String?
    /// Who asks: `mqtt:CLIENT` or `http:KEY`.
    let source: String
    let reply: Reply

    /// What it counts in the queue.
    var byteCount: Int {
        if case .update(let change) = self.operation { change.byteCount + Self.overhead } else { Self.overhead }
    }

    var isGet: Bool {
        if case .get = self.operation { true } else { false }
    }

    /// The source of requests of other rooms, which are no client.
    static let serviceSource = "service"
    var isOfClient: Bool { self.source != Self.serviceSource }

    private static let overhead = 256
}

/// How a request ended.
enum ShadowOutcome: Sendable {
    case found(StoredShadow)
    case updated(ShadowUpdate)
    case deleted(version: Int64, timestamp: Int64)
    case refused(ShadowProblem)
}

/// An update that is on disk.
struct ShadowUpdate: Sendable {
    let change: ShadowChange
    let previous: ShadowDocument
    let current: ShadowDocument
    /// What the device is told of: nil when nothing differs.
    let delta: ShadowDelta?
}
