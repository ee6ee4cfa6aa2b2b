/// Who a connection or a request acts as.
package enum Principal: Sendable, Hashable {
    case certificate(id: String)
    /// The account's own key: SigV4 over WebSocket and HTTPS.
    case accessKey(id: String)
    /// Clients of the plain listener.
    case anonymous

    /// How logs and lifecycle events name it (`principalIdentifier`).
    package var id: String {
        switch self {
        case .certificate(let id), .accessKey(let id): id
        case .anonymous: "anonymous"
        }
    }

    /// Whether it acts by temporary credentials.
    var isTemporary: Bool {
        if case .accessKey(let id) = self { id.hasPrefix(TemporarySession.keyPrefix) } else { false }
    }

    /// What policies and things are attached to; only certificates have such attachments here.
    var target: PolicyTarget? {
        switch self {
        case .certificate(let id): .certificate(id: id)
        case .accessKey, .anonymous: nil
        }
    }
}

/// One connection, or one HTTPS request, as policies see it.
package struct AuthoritySubject: Sendable, Hashable {
    package var principal: Principal
    /// Nil over HTTPS, where the MQTT variables have no value.
    package var clientID: String?
    /// The peer's address as text, without port; empty when there is none.
    package var sourceAddress: String
    /// What the TLS handshake named, nil when it named nothing.
    package var serverName: String?
    package var isSecure: Bool
    /// CONNECT without clean session (3.1.1), or with a session expiry interval (5).
    package var isPersistent: Bool
    package var lastWillTopic: String?

    package init(
        principal: Principal, clientID: String?, sourceAddress: String, serverName: String? = nil, isSecure: Bool = true,
        isPersistent: Bool = false, lastWillTopic: String? = nil
    ) {
        self.principal = principal
        self.clientID = clientID
        self.sourceAddress = sourceAddress
        self.serverName = serverName
        self.isSecure = isSecure
        self.isPersistent = isPersistent
        self.lastWillTopic = lastWillTopic
    }
}
