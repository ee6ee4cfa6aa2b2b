import Testing

@testable import Broker

@Suite struct RouteCacheTests {
    private func find(_ cache: RouteCache, _ topic: String) -> Route? {
        Array(topic.utf8).withUnsafeBytes { cache.find($0) }
    }

    private func route(_ topic: String) -> Route { Route(topic: Array(topic.utf8), version: 1) }

    @Test func findsWhatWasInserted() {
        var cache = RouteCache(maxWeight: 100_000)
        #expect(self.find(cache, "t/1") == nil)
        let routes = (0..<10_000).map { self.route("t/\($0)") }
        for route in routes { cache.insert(route) }
        for (i, route) in routes.enumerated() { #expect(self.find(cache, "t/\(i)") === route) }
        #expect(self.find(cache, "t/10000") == nil)
        cache.removeAll()
        #expect(self.find(cache, "t/1") == nil && cache.routeCount == 0)
    }

    /// Topics that are used stay however many others pass by, and the bound holds at any time.
    @Test func keepsWhatIsInUse() {
        var cache = RouteCache(maxWeight: 1000)
        let used = (0..<10).map { "used/\($0)" }
        for topic in used { cache.insert(self.route(topic)) }
        for i in 0..<20_000 {
            let topic = used[i % used.count]
            #expect(self.find(cache, topic) != nil, "\(topic) was dropped at \(i)")
            cache.insert(self.route("once/\(i)"))
            #expect(cache.routeCount <= 1000)
        }
        #expect(cache.routeCount > 900)
    }

    /// When everything is in use, the new one still gets its place, and not by dropping all.
    @Test func givesWayWhenAllAreInUse() {
        var cache = RouteCache(maxWeight: 1000)
        for i in 0..<1000 { cache.insert(self.route("t/\(i)")) }
        for i in 0..<1000 { _ = self.find(cache, "t/\(i)") }
        cache.insert(self.route("new"))
        #expect(self.find(cache, "new") != nil)
        #expect(cache.routeCount <= 1000 && cache.routeCount > 900)
    }

    /// A route counts with its receivers: a topic with many of them takes the place of many topics.
    @Test func receiversCount() {
        var cache = RouteCache(maxWeight: 1000)
        for i in 0..<1000 { cache.insert(self.route("t/\(i)")) }
        let wide = self.route("wide")
        wide.remoteLoops = Array(0..<899)
        cache.insert(wide)
        #expect(self.find(cache, "wide") === wide)
        #expect(cache.routeCount <= 101)
        let widest = self.route("widest")
        widest.remoteLoops = Array(0..<5000)
        cache.insert(widest)
        #expect(self.find(cache, "widest") === widest && cache.routeCount == 1)
    }
}
