import AWSAPI
import HTTPTypes
import NIOCore
import NIOHTTP1

/// What the HTTP handler of one connection needs to know and to call.
struct HTTPExchange {
    let limits: GatewayLimits
    let metrics: GatewayMetrics
    /// The certificate of the client, when it presented one.
    let clientCertificateID: String?
    let upgrade: WebSocketUpgrade
    let respond: @Sendable (APIRequest) async -> APIResponse
    let refuse: @Sendable (AWSError) -> APIResponse

    func request(_ head: HTTPRequestHead, body: ByteBuffer, from address: SocketAddress?) -> APIRequest {
        APIRequest(
            method: head.method.rawValue, target: head.uri, headers: Self.fields(head.headers),
            host: head.headers.first(name: "host") ?? "", body: body, remoteAddress: address?.ipAddress, isSecure: true,
            clientCertificateID: self.clientCertificateID)
    }

    /// A field whose name is not a token is left out: the parser lets none through.
    static func fields(_ headers: HTTPHeaders) -> HTTPFields {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count)
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return fields
    }
}
