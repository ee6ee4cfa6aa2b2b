package import HTTPTypes
package import NIOCore

/// One HTTP request as the endpoint sees it, whichever listener received it.
package struct APIRequest: Sendable {
    package var method: String
    /// Path and query exactly as received: signatures are made over this text.
    package var target: String
    package var headers: HTTPFields
    /// The Host header (HTTP/2: `:authority`) as received, with its port if it had one.
    package var host: String
    package var body: ByteBuffer
    package var remoteAddress: String?
    /// Whether it came over TLS.
    package var isSecure: Bool
    /// The device certificate that mutual TLS proved; such a request needs no signature.
    package var clientCertificateID: String?

    package init(
        method: String,
        target: String,
        headers: HTTPFields = [:],
        host: String,
        body: ByteBuffer = ByteBuffer(),
        remoteAddress: String? = nil,
        isSecure: Bool = false,
        clientCertificateID: String? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.host = host
        self.body = body
        self.remoteAddress = remoteAddress
        self.isSecure = isSecure
        self.clientCertificateID = clientCertificateID
    }

    /// The target up to its question mark.
    var path: Substring {
        self.target.prefix { $0 != "?" }
    }

    /// The target after its question mark; empty without one.
    var queryText: Substring {
        self.target.dropFirst(self.path.count).dropFirst()
    }
}
