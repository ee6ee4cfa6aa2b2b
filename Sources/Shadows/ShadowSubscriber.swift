import Broker

/// The service's ears: turns messages on its topics into requests, on the publisher's event loop.
final class ShadowSubscriber: ImmediateSubscriber {
    private let service: ShadowService

    init(service: ShadowService) { self.service = service }

    /// The acknowledgement of an update says that it is on disk.
    var holdsAcknowledgements: Bool { true }

    func receive(_ delivery: ServiceDelivery) {
        let topic = delivery.message.topic
        guard let (key, operation) = ShadowTopics.parse(topic) else { return self.finish(delivery) }
        do {
            self.service.submit(try self.request(key, operation, delivery))
        } catch {
            let now = self.service.clock()
            self.service.metrics.countRejected(operation)
            self.service.note(operation, key, client: delivery.message.publisher, error.problem)
            self.service.broker.post(key: self.service.lane(of: key)) { publisher in
                ShadowAnnouncer(publisher: publisher).reject(
                    error.problem, on: topic + "/rejected", clientToken: error.clientToken, now: now)
            }
            self.finish(delivery)
        }
    }

    private func finish(_ delivery: ServiceDelivery) {
        if let receipt = delivery.receipt { self.service.broker.finish([receipt], stored: true) }
    }

    private func request(
        _ key: ShadowKey, _ operation: ShadowTopics.Operation, _ delivery: ServiceDelivery
    ) throws(ShadowChange.Refusal) -> ShadowRequest {
        guard ShadowKey.isThingName(key.thing) else { throw ShadowChange.Refusal(problem: .invalidThingName) }
        if let name = key.name, !ShadowKey.isShadowName(name) { throw ShadowChange.Refusal(problem: .invalidShadowName) }
        let limits = self.service.limits
        let payload = delivery.message.payload
        let work: ShadowRequest.Operation
        let token: String?
        switch operation {
        case .get:
            work = .get
            token = try ShadowChange.token(in: payload, isStrict: true, limits: limits)
        case .delete:
            // Whatever the payload is, it is ignored but for the token (AWS IoT Developer Guide, device shadows).
            work = .delete
            token = try ShadowChange.token(in: payload, isStrict: false, limits: limits)
        case .update:
            let change = try ShadowChange(parsing: payload, limits: limits)
            work = .update(change)
            token = change.clientToken
        }
        return ShadowRequest(
            key: key, operation: work, clientToken: token, source: "mqtt:\(delivery.message.publisher)",
            reply: .topics(delivery.receipt))
    }
}
