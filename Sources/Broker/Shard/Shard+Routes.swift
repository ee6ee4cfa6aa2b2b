extension Shard {
    @inline(__always)
    func route(for topic: UnsafeRawBufferPointer) -> Route { self.routes.find(topic) ?? self.addRoute(topic) }

    /// Subscriptions or permissions changed: routes are worked out anew.
    func invalidateRoutes() {
        self.routingVersion += 1
        self.routes.removeAll()
    }

    @inline(never)
    private func addRoute(_ topic: UnsafeRawBufferPointer) -> Route {
        var maker = RouteMaker(Route(topic: [UInt8](topic), version: self.routingVersion))
        // What comes by Basic Ingest is for rules alone (AWS IoT Developer Guide, Basic Ingest).
        let isForServices = topic.hasPrefix("$aws/rules/")
        self.trie.match(topic) { node in
            let route = maker.route
            for service in node.services { route.add(service) }
            for service in node.gathered { route.add(service, by: self.outbox(to: service.inbox)) }
            if isForServices { return }
            for subscription in node.subscriptions { self.add(subscription, to: &maker) }
            if !node.groups.isEmpty { route.groups.append(contentsOf: node.groups) }
            for (loop, count) in node.remote where count > 0 && !route.remoteLoops.contains(loop) { route.remoteLoops.append(loop) }
        }
        self.routes.insert(maker.route)
        return maker.route
    }

    private func add(_ subscription: Subscription, to maker: inout RouteMaker) {
        let options = subscription.options
        let route = maker.route
        if let i = maker.position(of: subscription.session) {
            route.targets[i].qos = max(route.targets[i].qos, options.qos)
            if !options.noLocal { route.targets[i].qosForOwn = max(route.targets[i].qosForOwn ?? 0, options.qos) }
            if options.retainAsPublished { route.targets[i].retainAsPublished = true }
            if options.identifier != 0 { route.targets[i].identifiers.append(options.identifier) }
            return
        }
        guard let permission = self.receivePermission(subscription.session, &maker) else { return }
        maker.append(
            RouteTarget(
                session: subscription.session, qos: options.qos, qosForOwn: options.noLocal ? nil : options.qos,
                retainAsPublished: options.retainAsPublished, identifiers: options.identifier == 0 ? [] : [options.identifier],
                permission: permission))
    }

    /// `nil`: `iot:Receive` is denied, the message is not delivered and nothing else happens (AWS IoT, authorisation).
    private func receivePermission(_ session: Session, _ maker: inout RouteMaker) -> RouteTarget.Permission? {
        guard let connection = session.connection else { return .later }
        let text = maker.topicText
        let decision = connection.decide(.receive, text)
        if !decision.isCacheable { return .perMessage }
        if decision.isAllowed { return .allowed }
        self.counters.deniedReceive += 1
        connection.logDenial(.receive, text, decision)
        return nil
    }
}

/// A route while it is being worked out.
private struct RouteMaker {
    let route: Route
    /// Of all targets, once they are too many to look through.
    private var positions: [ObjectIdentifier: Int] = [:]
    private(set) lazy var topicText = String(decoding: self.route.topic, as: UTF8.self)

    /// Most topics have few receivers: looking through so many costs less than a table.
    private static let maxLookedThrough = 8

    init(_ route: Route) { self.route = route }

    func position(of session: Session) -> Int? {
        self.positions.isEmpty
            ? self.route.targets.firstIndex { $0.session === session } : self.positions[ObjectIdentifier(session)]
    }

    mutating func append(_ target: RouteTarget) {
        self.route.targets.append(target)
        let count = self.route.targets.count
        if count == Self.maxLookedThrough {
            for (i, target) in self.route.targets.enumerated() { self.positions[ObjectIdentifier(target.session)] = i }
        } else if count > Self.maxLookedThrough {
            self.positions[ObjectIdentifier(target.session)] = count - 1
        }
    }
}
