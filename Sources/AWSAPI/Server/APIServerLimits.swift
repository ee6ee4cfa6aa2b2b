package import NIOCore

/// What a client of the API port may take. Each limit has an outcome that its comment names.
package struct APIServerLimits: Sendable, Hashable {
    /// One header's name and value: 431, and the connection is closed.
    package var maxHeaderFieldBytes = 16_384
    /// All headers of one request: 431, and the connection is closed.
    package var maxHeaderBytes = 65_536
    /// Headers of one request: 431, and the connection is closed.
    package var maxHeaderCount = 128
    /// Connections at a time; more wait in the system's backlog.
    package var maxConnections = 4096
    /// From the connection's start to the end of its first request's headers, a TLS handshake included: the connection is closed.
    package var firstHeadTime = TimeAmount.seconds(15)
    /// From one response to the end of the next request's headers: the connection is closed.
    package var idleTime = TimeAmount.seconds(75)
    /// From a request's headers to the end of its body: the connection is closed.
    package var bodyTime = TimeAmount.seconds(60)
    /// From a request's end to the end of its response, taken by the client: the connection is closed.
    package var responseTime = TimeAmount.seconds(120)
    /// Bytes of a refused body that are read and thrown away, so that the client gets to see the refusal rather than a reset.
    package var maxDiscardedBytes = 1 << 20
    /// Bytes of all bodies together that are larger than usual (uploads of code): 429, and the connection is closed.
    package var maxLargeBodyBytes = 256 << 20

    package init() {}
}
