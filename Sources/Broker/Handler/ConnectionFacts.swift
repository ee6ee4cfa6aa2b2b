/// Who is at the other end of a connection, as the listener found out.
package struct ConnectionFacts: Sendable {
    package enum Principal: Sendable, Hashable {
        /// An X.509 certificate; its identifier is the SHA-256 of its DER form in hexadecimal.
        case certificate(id: String)
        /// An AWS access key (SigV4).
        case accessKey(id: String)
        /// The plain listener for local work.
        case anonymous

        /// The `principalIdentifier` of lifecycle events.
        package var id: String {
            switch self {
            case .certificate(let id), .accessKey(let id): id
            case .anonymous: "anonymous"
            }
        }
    }

    package enum Transport: String, Sendable { case tcp, tls, webSocket }

    package var principal: Principal
    package var transport: Transport
    package var remoteAddress: String
    package var remotePort: Int
    package var localAddress: String
    package var localPort: Int
    /// The name that the client asked for in TLS (SNI).
    package var serverName: String?
    /// The connection ends at this time at the latest (WebSocket with SigV4: 24 hours), milliseconds since 1970.
    package var endsAt: Int64?

    package init(
        principal: Principal, transport: Transport, remoteAddress: String, remotePort: Int, localAddress: String = "",
        localPort: Int = 0, serverName: String? = nil, endsAt: Int64? = nil
    ) {
        self.principal = principal
        self.transport = transport
        self.remoteAddress = remoteAddress
        self.remotePort = remotePort
        self.localAddress = localAddress
        self.localPort = localPort
        self.serverName = serverName
        self.endsAt = endsAt
    }
}
