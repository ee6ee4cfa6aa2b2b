import AWSAPI
import AsyncHTTPClient
import NIOCore

/// Takes calls of AWS services to where the configuration says that they are (``ServiceTransport``).
struct ServiceRouter: ServiceTransport {
    /// What signs calls to servers of somebody's own when nobody gave a key: most of them look at none.
    static let placeholderKey = AccessKey(id: "test", secret: "test")
    /// Whom an embedded service sees when a rule calls it.
    static let rulesPrincipal = "iot.amazonaws.com"

    let endpoints: [String: TargetEndpoint]
    let key: AccessKey
    let region: String
    let http: HTTPClient
    /// Where the embedded services are.
    let endpoint: AWSEndpoint

    func send(_ request: ServiceRequest) async throws(AWSClientError) -> APIResponse {
        switch self.endpoints[request.service] ?? .embedded {
        case .embedded: await self.sendInside(request)
        case .aws: try await self.send(request, to: request.address ?? self.awsAddress(of: request))
        case .url(let url): try await self.send(request, to: url)
        }
    }

    private func sendInside(_ request: ServiceRequest) async -> APIResponse {
        var inner = APIRequest(
            method: request.method, target: request.target, headers: request.headers, host: "localhost", body: request.body)
        inner.isSecure = true
        inner.headers.append(contentsOf: request.embeddedHeaders)
        return await self.endpoint.respond(
            to: inner, for: request.service, as: .service(principal: Self.rulesPrincipal, sourceARN: request.sourceARN))
    }

    private func send(_ request: ServiceRequest, to address: String) async throws(AWSClientError) -> APIResponse {
        let client = AWSClient(
            http: self.http, endpoint: address, region: request.region ?? self.region, key: self.key,
            timeout: request.timeout)
        return try await client.send(
            service: request.service, method: request.method, target: request.target, headers: request.headers, body: request.body)
    }

    /// The service's host in a region.
    private func awsAddress(of request: ServiceRequest) -> String {
        let region = request.region ?? self.region
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let host =
            switch request.service {
            case "timestream": "ingest.timestream"
            case "ioteventsdata": "data.iotevents"
            default: request.service
            }
        return "https://\(host).\(region).\(suffix)"
    }
}
