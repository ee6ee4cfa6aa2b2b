/// Gathers what one event loop has for one inbox, and hands it over at the end of the tick, or as soon as it is enough for a worker.
final class ServiceOutbox {
    /// Deliveries and bytes that are handed over before the tick ends: what waits for a worker gains nothing by waiting here.
    static let maxDeliveries = 256
    static let maxBytes = 256 << 10

    let inbox: any ServiceInbox
    private unowned let shard: Shard
    private var batch: ServiceBatch
    /// Of the message before: what comes in one read mostly goes one way. Held, so that nothing else can have their places in memory.
    private var lastRoute: Route?
    private var lastPublisher: MQTTConnectionHandler?

    init(_ inbox: any ServiceInbox, of shard: Shard) {
        self.inbox = inbox
        self.shard = shard
        self.batch = ServiceBatch(for: shard)
    }

    /// - Parameter receivers: the inbox's services on the route.
    @inline(__always)
    func add(_ publication: inout Publication, for receivers: [any GatheredSubscriber], of route: Route) {
        if self.lastRoute !== route {
            self.lastRoute = route
            self.batch.append(receivers: receivers)
        }
        self.noteSource(of: publication)
        self.batch.append(&publication)
        if self.batch.deliveryCount >= Self.maxDeliveries || self.batch.byteCount >= Self.maxBytes { self.send() }
    }

    @inline(__always)
    private func noteSource(of publication: Publication) {
        let connection = publication.publisher?.connection
        if let connection, connection === self.lastPublisher { return }
        self.lastPublisher = connection
        self.batch.append(
            publisher: publication.publisherID, origin: publication.origin ?? connection.map { MessageOrigin($0.facts) })
    }

    func send() {
        if self.batch.isEmpty { return }
        let batch = self.batch
        self.batch = ServiceBatch(for: self.shard, like: batch)
        self.lastRoute = nil
        self.lastPublisher = nil
        self.inbox.receive(batch)
    }
}
