import NIOCore

/// A message of a service or of HTTP publish.
package struct PublishRequest: Sendable {
    package var topic: String
    package var payload: [UInt8]
    package var qos: UInt8
    package var isRetained = false
    /// Forwarded properties in MQTT 5.0 encoding (``MessageProperties``), without their length.
    package var properties: [UInt8] = []
    package var messageExpirySeconds: UInt32?
    /// What services that receive it are told of its publisher.
    package var origin: MessageOrigin?

    package init(topic: String, payload: [UInt8], qos: UInt8) {
        self.topic = topic
        self.payload = payload
        self.qos = qos
    }
}

/// Why a message of a service was not taken.
package enum PublishError: Error, Equatable {
    /// Empty, with a wildcard, too long or too deep.
    case invalidTopic(String)
    case payloadTooLarge(limit: Int)
    case qosNotSupported
    case retainNotSupported
    case retainedLimitReached
    case notStored
}

/// A service and what it listens to.
package struct ServiceSubscriptions: Sendable {
    package let service: any ServiceSubscriber
    package let filters: [String]

    package init(_ service: any ServiceSubscriber, filters: [String]) {
        self.service = service
        self.filters = filters
    }
}

extension Broker {
    /// Publishes like a client would. Returns when the message is accepted: with QoS 1, when what had to be is on disk.
    package func publish(_ request: PublishRequest) async throws {
        try self.check(request)
        try await self.enqueue(request).get()
    }

    /// The same without waiting; messages with one topic go out in the order of the calls.
    ///
    /// - Parameter onError: called when the message was not accepted.
    package func post(_ request: PublishRequest, onError: @escaping @Sendable (any Error) -> Void) {
        do {
            try self.check(request)
        } catch {
            return onError(error)
        }
        self.enqueue(request).whenFailure(onError)
    }

    private func enqueue(_ request: PublishRequest) -> EventLoopFuture<Void> {
        // One loop for each topic, so that a topic's messages keep their order.
        let shard = self.shards[Int(UInt(bitPattern: request.topic.utf8.reduce(0) { ($0 &* 31) &+ Int($1) }) % UInt(self.shards.count))]
        let promise = shard.eventLoop.makePromise(of: Void.self)
        shard.eventLoop.execute { shard.publish(request, promise) }
        return promise.futureResult
    }

    private func check(_ request: PublishRequest) throws {
        var topic = request.topic
        let profile = self.profile
        let isValid = topic.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            let measured = bytes.hasPrefix("$aws/rules/") ? ReservedTopics.withoutRulePrefix(bytes) : bytes
            return MQTTText.isValid(bytes) && MQTTText.isValidTopicName(bytes) && measured.count <= min(profile.maxTopicBytes, 65_535)
                && MQTTText.levels(measured) <= profile.maxTopicLevels
        }
        if !isValid { throw PublishError.invalidTopic(request.topic) }
        if request.payload.count > profile.maxPayloadBytes { throw PublishError.payloadTooLarge(limit: profile.maxPayloadBytes) }
        if request.qos > profile.maximumQoS { throw PublishError.qosNotSupported }
        if request.isRetained && profile.refusesRetainedDollarTopics && request.topic.hasPrefix("$") {
            throw PublishError.retainNotSupported
        }
    }

    /// Whether a client may publish to this topic at all (reserved topics).
    package func isReserved(_ topic: String) -> Bool {
        var topic = topic
        return topic.withUTF8 { !ReservedTopics.mayPublish(UnsafeRawBufferPointer($0), profile: self.profile) }
    }

    /// A service subscribes; it is called on the loop of each publisher. Before ``start()``, or at any time after.
    package func subscribe(_ filter: String, service: any ServiceSubscriber) {
        for shard in self.shards {
            shard.eventLoop.execute { shard.addService(filter, service) }
        }
    }

    package func unsubscribe(_ filter: String, service: any ServiceSubscriber) {
        for shard in self.shards {
            shard.eventLoop.execute { shard.removeService(filter, service) }
        }
    }

    /// Puts one service's subscriptions in the place of another's: each message is received by one of them. Returns when the change holds
    /// on every event loop.
    package func exchange(_ old: ServiceSubscriptions?, for new: ServiceSubscriptions?) async {
        await self.onEveryShard { shard in
            for filter in old?.filters ?? [] { old.map { shard.removeService(filter, $0.service) } }
            for filter in new?.filters ?? [] { new.map { shard.addService(filter, $0.service) } }
        }
    }
}

extension Shard {
    fileprivate func publish(_ request: PublishRequest, _ promise: EventLoopPromise<Void>) {
        let now = wallMilliseconds()
        let expiry = request.messageExpirySeconds.map { now + Int64(min(max($0, 1), self.profile.maxMessageExpirySeconds ?? .max)) * 1000 }
        let topic = [UInt8](request.topic.utf8)
        topic.withUnsafeBytes { topic in
            request.payload.withUnsafeBytes { payload in
                request.properties.withUnsafeBytes { properties in
                    let view = MessageView(
                        topic: topic, properties: properties.isEmpty ? ForwardedProperties() : ForwardedProperties(properties),
                        payload: payload, expiresAt: expiry ?? 0)
                    var publication = Publication(
                        view: view, qos: request.qos, isRetained: request.isRetained, publisher: nil, publisherID: "")
                    publication.origin = request.origin
                    self.counters.received += 1
                    if request.isRetained && !self.retain(&publication) { return promise.fail(PublishError.retainedLimitReached) }
                    self.publish(&publication, on: self.route(for: topic))
                    self.succeed(promise, after: publication.receipt)
                }
            }
        }
    }

    private func succeed(_ promise: EventLoopPromise<Void>, after receipt: PublishReceipt?) {
        guard let receipt, !receipt.isDone else { return promise.succeed() }
        receipt.whenDone { [unowned receipt] in
            if receipt.hasFailed { promise.fail(PublishError.notStored) } else { promise.succeed() }
        }
    }

    fileprivate func addService(_ filter: String, _ service: any ServiceSubscriber) {
        var filter = filter
        filter.withUTF8 { bytes in
            let node = self.trie.node(for: UnsafeRawBufferPointer(bytes))
            if let service = service as? any ImmediateSubscriber { node.services.append(service) }
            if let service = service as? any GatheredSubscriber { node.gathered.append(service) }
        }
        self.invalidateRoutes()
    }

    fileprivate func removeService(_ filter: String, _ service: any ServiceSubscriber) {
        var filter = filter
        filter.withUTF8 { bytes in
            guard let node = self.trie.existingNode(for: UnsafeRawBufferPointer(bytes)) else { return }
            node.services.removeAll { $0 === service }
            node.gathered.removeAll { $0 === service }
            self.trie.prune(node)
        }
        self.invalidateRoutes()
    }
}
