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
    let version: UInt64
    var targets: ContiguousArray<RouteTarget> = []
    var groups: [SharedGroup] = []
    var services: [any ServiceSubscriber] = []
    /// Loops other than this one that have a matching subscription.
    var remoteLoops: [Int] = []
    /// The next entry of a cache bucket.
    var next: Route?

    init(topic: [UInt8], version: UInt64) {
        self.topic = topic
        self.version = version
    }

    var hasReceivers: Bool { !self.targets.isEmpty || !self.groups.isEmpty || !self.services.isEmpty || !self.remoteLoops.isEmpty }
}

/// From topic bytes to route: dropped as a whole when subscriptions or permissions change, or when it is full.
struct RouteCache {
    private var routes: [UInt64: Route] = [:]
    private var count = 0
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    @inline(__always)
    func find(_ topic: UnsafeRawBufferPointer, version: UInt64) -> Route? {
        var route = self.routes[topicHash(topic)]
        while let candidate = route {
            if candidate.version == version && bytesEqual(candidate.topic, topic) { return candidate }
            route = candidate.next
        }
        return nil
    }

    mutating func insert(_ route: Route) {
        if self.count >= self.limit { self.removeAll() }
        let hash = route.topic.withUnsafeBytes { topicHash($0) }
        if let other = self.routes[hash], other.version == route.version { route.next = other }
        if self.routes.updateValue(route, forKey: hash) == nil || route.next != nil { self.count += 1 }
    }

    mutating func removeAll() {
        self.routes.removeAll(keepingCapacity: false)
        self.count = 0
    }
}
