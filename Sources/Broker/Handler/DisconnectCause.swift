/// Why a connection ended: the `disconnectReason` of lifecycle events (AWS IoT, lifecycle events).
package enum DisconnectCause: String, Sendable {
    case clientInitiated = "CLIENT_INITIATED_DISCONNECT"
    case clientError = "CLIENT_ERROR"
    case connectionLost = "CONNECTION_LOST"
    case duplicateClientID = "DUPLICATE_CLIENTID"
    case keepAliveTimeout = "MQTT_KEEP_ALIVE_TIMEOUT"
    case authError = "AUTH_ERROR"
    case forbidden = "FORBIDDEN_ACCESS"
    case serverError = "SERVER_ERROR"
    case serverInitiated = "SERVER_INITIATED_DISCONNECT"
    case apiInitiated = "API_INITIATED_DISCONNECT"
    case throttled = "THROTTLED"
    case webSocketLifetime = "WEBSOCKET_TTL_EXPIRATION"

    /// The will is published, except after a DISCONNECT of the client's own.
    var publishesWill: Bool { self != .clientInitiated }
}
