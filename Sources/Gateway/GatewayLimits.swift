package import NIOCore

/// The bounds of the device listeners. What runs inside MQTT is bounded by the broker's `Profile`.
package struct GatewayLimits: Sendable {
    /// Device connections in total.
    package var maxConnections = 500_000
    /// Device connections of one IP address. High, since a whole fleet may sit behind one address translation.
    package var maxConnectionsPerAddress = 100_000
    /// From the accepted connection to the end of the TLS handshake.
    package var handshakeTimeout = TimeAmount.seconds(10)
    /// From the first byte of an HTTP request to its last.
    package var requestTimeout = TimeAmount.seconds(30)
    /// Between two HTTP requests of a connection, and before the first.
    package var idleTimeout = TimeAmount.seconds(60)
    /// Header of an HTTP request, bytes.
    package var maxHeaderBytes = 32 * 1024
    package var maxHeaderFields = 100
    /// Body of an HTTP request, bytes.
    package var maxBodyBytes = 1024 * 1024
    /// Payload of one WebSocket frame, bytes; a frame may hold several packets.
    package var maxFrameBytes = 1024 * 1024
    /// Life of a connection that was let in by a signature (AWS IoT: 86,400 s).
    package var signedConnectionSeconds: Int64 = 86_400
    /// Connections that the kernel keeps for a listener until they are accepted. Linux cuts it to `net.core.somaxconn`.
    package var backlog: Int32 = 4_096

    package init() {}
}
