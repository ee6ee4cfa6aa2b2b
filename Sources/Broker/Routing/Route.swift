/// One session that receives a topic's messages, its matching subscriptions put together: one copy each (MQTT 5.0 §3.3.4).
struct RouteTarget {
    enum Permission: UInt8 {
        case allowed
        /// The decision depends on more than the topic (time, say): asked for each message.
        case perMessage
        /// No connection now: asked when the message is sent.
        case later
    }

    let session: Session
    /// The highest QoS of the matching subscriptions.
    var qos: UInt8
    /// The same without the No Local ones, for the session's own messages; `nil` if there are none.
    var qosForOwn: UInt8?
    var retainAsPublished: Bool
    var identifiers: [UInt32]
    var permission: Permission
}

/// Who receives the messages of one topic, as one event loop sees it. Valid while the loop's ``Shard/routingVersion`` is the same.
final class Route {
    let topic: [UInt8]
    /// ``topicHash(_:)`` of the topic.
    let hash: UInt64
    let version: UInt64
    var targets: ContiguousArray<RouteTarget> = []
    var groups: [SharedGroup] = []
    var services: [any ImmediateSubscriber] = []
    var gathered: [(outbox: ServiceOutbox, receivers: [any GatheredSubscriber])] = []
    /// Loops other than this one that have a matching subscription.
    var remoteLoops: [Int] = []
    /// The next entry of a cache bucket.
    var next: Route?
    /// Found in the cache since its hand last came by.
    var wasFound = false

    init(topic: [UInt8], version: UInt64) {
        self.topic = topic
        self.hash = topic.withUnsafeBytes { topicHash($0) }
        self.version = version
    }

    /// Its share of a cache's bound: one, and one for each receiver.
    var weight: Int {
        1 + self.targets.count + self.groups.count + self.services.count + self.remoteLoops.count
            + self.gathered.reduce(0) { $0 + $1.receivers.count }
    }

    var hasReceivers: Bool { self.weight > 1 }

    func add(_ service: any ImmediateSubscriber) {
        if !self.services.contains(where: { $0 === service }) { self.services.append(service) }
    }

    /// - Parameter outbox: to the service's inbox.
    func add(_ service: any GatheredSubscriber, by outbox: ServiceOutbox) {
        guard let i = self.gathered.firstIndex(where: { $0.outbox === outbox }) else {
            return self.gathered.append((outbox, [service]))
        }
        if !self.gathered[i].receivers.contains(where: { $0 === service }) { self.gathered[i].receivers.append(service) }
    }
}
