/// From topic bytes to route: dropped as a whole when subscriptions or permissions change.
///
/// When it is full, a new route takes the place of one that was not asked for lately: a hand goes round the buckets, spares each route
/// that was found since it last came by, and takes the next one that was not (https://en.wikipedia.org/wiki/Page_replacement_algorithm#Clock).
/// So topics without end that are published once each push out one another, not those that are in use, and never all at once.
struct RouteCache {
    /// Chains by the low bits of the hash; a power of two of them.
    private var buckets: ContiguousArray<Route?> = []
    private var count = 0
    /// ``Route/weight`` of all.
    private var weight = 0
    private var hand = 0
    private let maxWeight: Int

    private static var leastBuckets: Int { 64 }
    /// Buckets that the hand looks at for one new route before it takes any: no message waits for a whole round.
    private static var maxSparingSteps: Int { 64 }

    init(maxWeight: Int) { self.maxWeight = maxWeight }

    var routeCount: Int { self.count }

    @inline(__always)
    func find(_ topic: UnsafeRawBufferPointer) -> Route? {
        if self.count == 0 { return nil }
        let hash = topicHash(topic)
        var route = self.buckets[self.bucket(hash)]
        while let candidate = route {
            if candidate.hash == hash && bytesEqual(candidate.topic, topic) {
                candidate.wasFound = true
                return candidate
            }
            route = candidate.next
        }
        return nil
    }

    /// The topic must not be in the cache.
    mutating func insert(_ route: Route) {
        var steps = 0
        while self.count > 0 && self.weight + route.weight > self.maxWeight {
            self.evict(spares: steps < Self.maxSparingSteps)
            steps += 1
        }
        if self.count >= self.buckets.count { self.grow() }
        let i = self.bucket(route.hash)
        route.next = self.buckets[i]
        self.buckets[i] = route
        self.count += 1
        self.weight += route.weight
    }

    mutating func removeAll() {
        if self.count == 0 { return }
        self.buckets = []
        self.count = 0
        self.weight = 0
        self.hand = 0
    }

    @inline(__always)
    private func bucket(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash) & (self.buckets.count - 1) }

    /// Moves the hand by one bucket.
    private mutating func evict(spares: Bool) {
        self.hand = (self.hand + 1) & (self.buckets.count - 1)
        var kept: Route?
        var route = self.buckets[self.hand]
        while let candidate = route {
            route = candidate.next
            candidate.next = nil
            if spares && candidate.wasFound {
                candidate.wasFound = false
                candidate.next = kept
                kept = candidate
            } else {
                self.count -= 1
                self.weight -= candidate.weight
            }
        }
        self.buckets[self.hand] = kept
    }

    private mutating func grow() {
        let old = self.buckets
        self.buckets = ContiguousArray(repeating: nil, count: max(Self.leastBuckets, old.count * 2))
        for first in old {
            var route = first
            while let moved = route {
                route = moved.next
                let i = self.bucket(moved.hash)
                moved.next = self.buckets[i]
                self.buckets[i] = moved
            }
        }
    }
}
