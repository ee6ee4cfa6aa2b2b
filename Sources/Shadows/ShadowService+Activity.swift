import Broker
import JSON

extension Activity.Event {
    fileprivate static let getThingShadow = Activity.Event(rawValue: "GetThingShadow")
    fileprivate static let updateThingShadow = Activity.Event(rawValue: "UpdateThingShadow")
    fileprivate static let deleteThingShadow = Activity.Event(rawValue: "DeleteThingShadow")
}

/// What becomes of requests on the topics, for the activity log. Calls of the API are noted where they are answered.
extension ShadowService {
    func note(_ request: ShadowRequest, _ outcome: ShadowOutcome) {
        guard self.broker.isWatched, case .topics = request.reply, let client = request.mqttClient else { return }
        var problem: ShadowProblem?
        if case .refused(let refusal) = outcome { problem = refusal }
        self.note(request.operation.topicOperation, request.key, client: client, problem)
    }

    /// - Parameter problem: why it was refused; nil when it was not.
    func note(_ operation: ShadowTopics.Operation, _ key: ShadowKey, client: String, _ problem: ShadowProblem?) {
        let event: Activity.Event =
            switch operation {
            case .get: .getThingShadow
            case .update: .updateThingShadow
            case .delete: .deleteThingShadow
            }
        self.broker.note(
            event, problem == nil ? .info : .error, Activity.Client(clientID: client, thing: key.thing), transport: "MQTT"
        ) {
            var fields: JSONObject = [
                "deviceShadowName": .string(key.thing), "topicName": .string("\(ShadowTopics.prefix(key))/\(operation.rawValue)"),
            ]
            if let name = key.name { fields["shadowName"] = .string(name) }
            if let problem {
                fields["reason"] = .string("\(problem.code)")
                fields["details"] = .string(problem.message)
            }
            return fields
        }
    }
}

extension ShadowRequest {
    /// The client that asks on the topics.
    fileprivate var mqttClient: String? {
        let prefix = "mqtt:"
        return self.source.hasPrefix(prefix) ? String(self.source.dropFirst(prefix.count)) : nil
    }
}

extension ShadowRequest.Operation {
    fileprivate var topicOperation: ShadowTopics.Operation {
        switch self {
        case .get: .get
        case .update: .update
        case .delete: .delete
        }
    }
}
