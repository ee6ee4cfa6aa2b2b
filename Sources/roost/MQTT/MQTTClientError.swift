import Broker

/// What a connection to an MQTT server ends with. The description goes on after "the server".
enum MQTTClientError: Error, Equatable, CustomStringConvertible {
    /// No connection, or no TLS.
    case unreachable(String)
    /// The request for a WebSocket was answered by something else.
    case upgradeRefused(status: Int, message: String)
    /// A CONNACK other than success.
    case refused(ReasonCode, String?)
    /// A SUBACK other than success.
    case subscriptionRefused(filter: String, ReasonCode)
    /// The server said DISCONNECT.
    case disconnected(ReasonCode, String?)
    /// The connection ended without a word.
    case closed
    /// The connection broke.
    case failed(String)
    /// No answer in time.
    case silent
    /// The server sent what MQTT does not allow.
    case malformed(String)
    /// More messages than `MQTTClientLimits.maxWaitingMessages`.
    case tooManyMessages

    var description: String {
        switch self {
        case .unreachable(let reason): "cannot be reached (\(reason))"
        case .upgradeRefused(let status, let message): "refused the WebSocket with status \(status): \(message)"
        case .refused(let reason, let text): "refused the connection: \(Self.words(reason, text))"
        case .subscriptionRefused(let filter, let reason): "refused the subscription to \(filter): \(Self.words(reason, nil))"
        case .disconnected(let reason, let text): "ended the connection: \(Self.words(reason, text))"
        case .closed: "went away"
        case .failed(let reason): "went away (\(reason))"
        case .silent: "does not answer"
        case .malformed(let what): "sent what is not MQTT 5.0: \(what)"
        case .tooManyMessages: "sent messages faster than they could be dealt with"
        }
    }

    private static func words(_ reason: ReasonCode, _ text: String?) -> String {
        let name =
            switch reason {
            case .success: "without a reason"
            case .notAuthorized: "not authorized"
            case .serverUnavailable: "server unavailable"
            case .serverShuttingDown: "server shutting down"
            case .keepAliveTimeout: "keep alive timeout"
            case .sessionTakenOver: "another client has the same client id"
            case .packetTooLarge: "packet too large"
            case .messageRateTooHigh: "message rate too high"
            case .quotaExceeded: "quota exceeded"
            case .administrativeAction: "administrative action"
            default: "reason code 0x" + String(reason.rawValue, radix: 16, uppercase: true)
            }
        return text.map { "\(name) (\($0))" } ?? name
    }
}
