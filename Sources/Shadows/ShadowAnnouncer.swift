import Broker
import JSON

/// Publishes what came of requests, on the event loop of the shadow's lane.
struct ShadowAnnouncer {
    /// The service's messages are kept for subscribers with QoS 1 (AWS IoT Developer Guide, device shadows).
    private static let qos: UInt8 = 1

    let publisher: ServicePublisher

    /// One outcome's messages, in the order: delta, documents, accepted. Who has seen `accepted` has seen the others.
    func announce(_ request: ShadowRequest, _ outcome: ShadowOutcome, now: Int64) {
        let prefix = ShadowTopics.prefix(request.key)
        switch outcome {
        case .updated(let update): self.announce(update, prefix)
        case .deleted(let version, let timestamp):
            self.publish(prefix + "/delete/accepted") {
                ShadowMessages.deleted(version: version, timestamp: timestamp, clientToken: request.clientToken)
            }
        case .found(let shadow):
            // Who asks over HTTP gets the answer there; nobody else asked.
            guard case .topics = request.reply else { return }
            self.publisher.publish(prefix + "/get/accepted", qos: Self.qos) {
                ShadowMessages.document(shadow, clientToken: request.clientToken)
            }
        case .refused(let problem):
            guard case .topics = request.reply else { return }
            self.reject(problem, on: prefix + request.operation.rejectedTopic, clientToken: request.clientToken, now: now)
        }
    }

    private func announce(_ update: ShadowUpdate, _ prefix: String) {
        let token = update.change.clientToken
        if let delta = update.delta {
            self.publish(prefix + "/update/delta") { ShadowMessages.delta(delta, of: update.current, clientToken: token) }
        }
        self.publish(prefix + "/update/documents") {
            ShadowMessages.documents(previous: update.previous, current: update.current, clientToken: token)
        }
        self.publish(prefix + "/update/accepted") {
            ShadowMessages.accepted(update.change, version: update.current.version, timestamp: update.current.timestamp)
        }
    }

    func reject(_ problem: ShadowProblem, on topic: String, clientToken: String?, now: Int64) {
        self.publish(topic) { ShadowMessages.rejected(problem, timestamp: now, clientToken: clientToken) }
    }

    private func publish(_ topic: String, _ message: () -> JSONObject) {
        self.publisher.publish(topic, qos: Self.qos) { JSONValue.object(message()).serializedBytes() }
    }
}

extension ShadowRequest.Operation {
    fileprivate var rejectedTopic: String {
        switch self {
        case .get: "/get/rejected"
        case .update: "/update/rejected"
        case .delete: "/delete/rejected"
        }
    }
}
