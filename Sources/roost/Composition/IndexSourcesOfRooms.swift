import Broker
import JSON
import Registry
import Shadows
import Storage
import Synchronization

/// What the search index asks of other rooms, and how it hears of clients that come and go.
final class IndexSourcesOfRooms: IndexSources {
    private static let filters = ["$aws/events/presence/connected/#", "$aws/events/presence/disconnected/#"]

    private let broker: Broker
    private let presence = PresenceListener()
    private let isListening = Mutex(false)

    init(broker: Broker) { self.broker = broker }

    /// Called once, before anybody connects.
    func tell(_ feed: IndexFeed) { self.presence.feed.withLock { $0 = feed } }

    func shadow(_ name: String, of thing: String, in connection: any StoreConnection) throws -> JSONObject? {
        try ShadowService.indexed(name, of: thing, in: connection)
    }

    func connection(of clientID: String) async -> ThingConnection? {
        // It fails only when the event loops have been shut down, and then nobody is connected.
        guard let info = try? await self.broker.connectionInfo(clientID: clientID), info.isConnected else { return nil }
        return ThingConnection(
            connectedAt: info.connectedAt, sourceAddress: info.facts?.remoteAddress, sourcePort: info.facts?.remotePort,
            targetAddress: info.facts?.localAddress, targetPort: info.facts?.localPort, keepAliveSeconds: info.keepAliveSeconds,
            isCleanSession: info.isCleanSession, sessionExpirySeconds: Int64(info.sessionExpirySeconds))
    }

    /// Lifecycle events are made only while somebody listens to them, so it does no longer than it has to.
    func listen(to connections: Bool) async {
        let isChange = self.isListening.withLock { isListening in
            defer { isListening = connections }
            return isListening != connections
        }
        guard isChange else { return }
        let subscriptions = ServiceSubscriptions(self.presence, filters: Self.filters)
        await self.broker.exchange(connections ? nil : subscriptions, for: connections ? subscriptions : nil)
    }
}

extension IndexFeed: ShadowObserver {}

/// Hands lifecycle events on to the search index.
private final class PresenceListener: ImmediateSubscriber {
    let feed = Mutex<IndexFeed?>(nil)

    func receive(_ delivery: ServiceDelivery) {
        guard let feed = self.feed.withLock({ $0 }), let event = try? JSONValue(parsing: Array(delivery.message.payload)),
            let client = event["clientId"]?.stringValue
        else { return }
        let isConnected = event["eventType"] == "connected"
        var facts: JSONObject = ["connected": .bool(isConnected), "timestamp": event["timestamp"] ?? 0]
        facts["version"] = event["versionNumber"]
        if !isConnected { facts["disconnectReason"] = event["disconnectReason"] }
        feed.connectionChanged(client, facts)
    }
}
