import JSON
import NIOCore

/// What this connection tells the activity log.
extension MQTTConnectionHandler {
    var activityClient: Activity.Client {
        Activity.Client(
            clientID: self.clientID, principal: self.facts.principal.id, address: self.facts.remoteAddress, port: self.facts.remotePort,
            thing: self.thingName)
    }

    /// Asked when the client is known, and whenever the log's wishes change.
    func findActivityInterest() {
        self.mayPublishOnLastRoute = false
        guard let log = self.shard.shared.activityWatch.current, !self.clientID.isEmpty else { return self.activityInterest = [] }
        self.activityInterest = ActivityInterest(of: self.activityClient, in: log)
    }

    func noteConnected() {
        self.note(.connect, .connect, .info) { [:] }
    }

    /// - Parameter reason: one of AWS's words, `AUTHORIZATION_FAILURE`.
    func noteConnectFailed(_ reason: StaticString, details: String) {
        self.note(.connectFailure, .connect, .error) { ["reason": .string("\(reason)"), "details": .string(details)] }
    }

    func noteDisconnected(_ cause: DisconnectCause) {
        let isFailure = cause.isFailure
        self.note(isFailure ? .disconnectFailure : .disconnect, .disconnect, isFailure ? .error : .info) {
            ["disconnectReason": .string(cause.rawValue), "reason": .string(cause.rawValue)]
        }
    }

    func notePublished(_ topic: String, qos: UInt8, isRetained: Bool) {
        self.note(.publishIn, .publishIn, .info) { Self.message(topic, qos: qos, isRetained: isRetained) }
    }

    func noteSent(_ topic: UnsafeRawBufferPointer, qos: UInt8, isRetained: Bool) {
        self.note(.publishOut, .publishOut, .info) {
            Self.message(String(decoding: topic, as: UTF8.self), qos: qos, isRetained: isRetained)
        }
    }

    func notePublishRefused(_ code: ReasonCode, topic: UnsafeRawBufferPointer, details: String) {
        self.note(.publishInFailure, .publishIn, .error) {
            [
                "topicName": .string(String(decoding: topic, as: UTF8.self)), "reason": .string(Self.word(for: code)),
                "details": .string(details),
            ]
        }
    }

    @inline(never)
    func noteNotSent(_ topic: UnsafeRawBufferPointer, _ reason: StaticString, details: StaticString) {
        self.note(.publishOutFailure, .publishOut, .error) {
            [
                "topicName": .string(String(decoding: topic, as: UTF8.self)), "reason": .string("\(reason)"),
                "details": .string("\(details)"),
            ]
        }
    }

    /// - Parameter explanation: which statement decided, or which variable was missing.
    func noteDenied(_ action: TopicAction, _ topic: String, _ explanation: String) {
        let (interest, event): (ActivityInterest, Activity.Event) =
            switch action {
            case .publish, .retainPublish: (.publishInFailure, .publishIn)
            case .subscribe: (.subscribeFailure, .subscribe)
            case .receive: (.publishOutFailure, .publishOut)
            }
        self.note(interest, event, .error) {
            [
                "topicName": .string(topic), "reason": "AUTHORIZATION_FAILURE", "details": .string(explanation),
                "action": .string(action.rawValue),
            ]
        }
    }

    func noteSubscribed(_ filters: [(filter: String, qos: UInt8)]) {
        guard self.activityInterest.contains(.subscribe) else { return }
        for (filter, qos) in filters {
            self.note(.subscribe, .subscribe, .info) { ["topicName": .string(filter), "qos": .int(Int64(qos))] }
        }
    }

    func noteSubscribeRefused(_ filter: [UInt8], _ error: WireError) {
        self.note(.subscribeFailure, .subscribe, .error) {
            [
                "topicName": .string(String(decoding: filter, as: UTF8.self)), "reason": .string(Self.word(for: error.code)),
                "details": .string("\(error.reason)"),
            ]
        }
    }

    private static func message(_ topic: String, qos: UInt8, isRetained: Bool) -> JSONObject {
        ["topicName": .string(topic), "qos": .int(Int64(qos)), "retain": .bool(isRetained)]
    }

    /// AWS's words for what it refuses.
    private static func word(for code: ReasonCode) -> String {
        switch code {
        case .notAuthorized: "AUTHORIZATION_FAILURE"
        case .quotaExceeded: "THROTTLED"
        case .packetTooLarge: "PAYLOAD_LIMIT_EXCEEDED"
        case .topicNameInvalid, .topicFilterInvalid: "INVALID_TOPIC"
        default: "CLIENT_ERROR"
        }
    }

    private func note(_ interest: ActivityInterest, _ event: Activity.Event, _ level: Activity.Level, fields: () -> JSONObject) {
        guard self.activityInterest.contains(interest), let log = self.shard.shared.activityWatch.current else { return }
        log.write(Activity(event, level, self.activityClient, transport: "MQTT", at: wallMilliseconds(), fields: fields()))
    }
}

extension DisconnectCause {
    /// Not what client and server agreed on.
    fileprivate var isFailure: Bool {
        switch self {
        case .clientInitiated, .serverInitiated, .apiInitiated, .webSocketLifetime: false
        case .clientError, .connectionLost, .duplicateClientID, .keepAliveTimeout, .authError, .forbidden, .serverError, .throttled: true
        }
    }
}
