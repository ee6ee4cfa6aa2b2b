import JSON

/// `$aws/events/presence/…` and `$aws/events/subscriptions/…` (AWS IoT, lifecycle events).
extension MQTTConnectionHandler {
    func announceConnected() {
        self.publish("presence/connected") {
            var event = self.event("connected")
            event["ipAddress"] = .string(self.facts.remoteAddress)
            event["versionNumber"] = .int(self.versionNumber)
            return event
        }
    }

    func announceDisconnected(_ cause: DisconnectCause) {
        self.publish("presence/disconnected") {
            var event = self.event("disconnected")
            event["clientInitiatedDisconnect"] = .bool(cause == .clientInitiated)
            event["disconnectReason"] = .string(cause.rawValue)
            event["versionNumber"] = .int(self.versionNumber)
            return event
        }
    }

    func announceConnectFailed() {
        self.publish("presence/connect_failed") {
            var event = self.event("connect_failed")
            event["ipAddress"] = .string(self.facts.remoteAddress)
            event["connectFailureReason"] = "AUTHORIZATION_FAILED"
            return event
        }
    }

    func announceSubscriptions(_ type: String, _ filters: [String]) {
        if filters.isEmpty { return }
        self.publish("subscriptions/\(type)") {
            var event = self.event(type)
            event["topics"] = .array(filters.map { .string($0) })
            return event
        }
    }

    private func event(_ type: String) -> JSONObject {
        var event: JSONObject = ["clientId": .string(self.clientID)]
        if let thing = self.thingName { event["thingName"] = .string(thing) }
        event["timestamp"] = .int(wallMilliseconds())
        event["eventType"] = .string(type)
        event["sessionIdentifier"] = .string(self.sessionIdentifier)
        event["principalIdentifier"] = .string(self.facts.principal.id)
        return event
    }

    /// Identifiers with wildcards have no events, for they cannot be in a topic.
    private func publish(_ kind: String, _ event: () -> JSONObject) {
        if self.clientID.utf8.contains(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "+") }) { return }
        var topic = "$aws/events/\(kind)/\(self.clientID)"
        topic.withUTF8 { topic in
            let topic = UnsafeRawBufferPointer(topic)
            guard self.shard.route(for: topic).hasReceivers else { return }
            JSONValue.object(event()).serializedBytes().withUnsafeBytes { payload in
                let view = MessageView(topic: topic, properties: ForwardedProperties(), payload: payload, expiresAt: 0)
                self.shard.publishInternally(view, qos: 1, isRetained: false, publisherID: "")
            }
        }
    }
}
