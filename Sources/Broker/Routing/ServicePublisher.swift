import NIOCore

/// How a service publishes on one event loop: several messages that stay in order, each made only when somebody receives it.
///
/// Valid only during the call that hands it over.
package struct ServicePublisher {
    private let shard: Shard

    fileprivate init(shard: Shard) { self.shard = shard }

    /// Publishes to a topic that the service vouches for: no limit of clients holds here. `payload` is asked only when there is a receiver.
    package func publish(_ topic: String, qos: UInt8, payload: () -> [UInt8]) {
        var topic = topic
        topic.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            let route = self.shard.route(for: bytes)
            self.shard.counters.received += 1
            guard route.hasReceivers else { return }
            payload().withUnsafeBytes { payload in
                let view = MessageView(topic: bytes, properties: ForwardedProperties(), payload: payload, expiresAt: 0)
                var publication = Publication(view: view, qos: qos, isRetained: false, publisher: nil, publisherID: "")
                self.shard.publish(&publication, on: route)
            }
        }
    }
}

extension Broker {
    /// Lets a service publish on one loop, chosen by `key`: what is posted with one key reaches each subscriber in the order of the posts.
    /// Callable from anywhere; returns at once.
    package func post(key: Int, _ body: @escaping @Sendable (ServicePublisher) -> Void) {
        let shard = self.shards[Int(UInt(bitPattern: key) % UInt(self.shards.count))]
        shard.eventLoop.execute { body(ServicePublisher(shard: shard)) }
    }

    /// Loops that ``post(key:_:)`` spreads keys over.
    package var postLanes: Int { self.shards.count }
}
