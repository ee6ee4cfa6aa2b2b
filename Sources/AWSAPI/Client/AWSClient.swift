package import AsyncHTTPClient
internal import Foundation
package import HTTPTypes
package import JSON
package import NIOCore
internal import NIOHTTP1

/// Calls AWS services, Roost's own included, with signed requests.
package struct AWSClient: Sendable {
    /// Bytes of an answer that are read.
    package static let maxAnswerBytes = 16 << 20

    private let http: HTTPClient
    /// Scheme, host and port, without a slash at its end.
    private let endpoint: String
    private let region: String
    private let key: AccessKey
    private let timeout: TimeAmount

    /// - Parameters:
    ///   - endpoint: for instance `http://127.0.0.1:4566`.
    ///   - timeout: for one call as a whole.
    package init(http: HTTPClient, endpoint: String, region: String, key: AccessKey, timeout: TimeAmount = .seconds(30)) {
        self.http = http
        self.endpoint = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        self.region = region
        self.key = key
        self.timeout = timeout
    }

    /// Calls a REST-JSON operation.
    ///
    /// - Parameters:
    ///   - service: the signing name ("iot").
    ///   - operation: the operation's name, for messages.
    ///   - path: percent-encoded; `pathSegment` encodes a label.
    ///   - limits: of the answer.
    /// - Returns: the answer's JSON, `{}` when it is empty.
    package func call(
        service: String,
        operation: String,
        method: String,
        path: String,
        query: [QueryItem] = [],
        headers: HTTPFields = [:],
        body: JSONValue? = nil,
        limits: JSONLimits = .default
    ) async throws(AWSClientError) -> JSONValue {
        let text = CanonicalRequest.query(query)
        let bytes = body.map { ByteBuffer(bytes: $0.serializedBytes()) } ?? ByteBuffer()
        var headers = headers
        if body != nil { headers[.contentType] = "application/json" }
        let answer = try await self.send(
            service: service, method: method, target: text.isEmpty ? path : "\(path)?\(text)", headers: headers, body: bytes)
        let content = answer.body.readableBytesView
        let json = content.isEmpty ? JSONValue.object([:]) : try? JSONValue(parsing: content, limits: limits)
        guard (200..<300).contains(answer.status) else {
            throw Self.refusal(operation, answer, json)
        }
        guard let json else { throw .malformedAnswer(operation: operation, status: answer.status) }
        return json
    }

    /// Sends one signed request and returns the answer, whatever its status.
    package func send(
        service: String, method: String, target: String, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()
    ) async throws(AWSClientError) -> APIResponse {
        let isS3 = service == "s3"
        var headers = headers
        // S3 demands it, and signs paths as they are.
        if isS3 { headers[.amzContentSHA256] = PayloadHash.of(body) }
        let request = APIRequest(method: method, target: target, headers: headers, host: self.host, body: body)
        let signer = SigV4Signer(key: self.key, region: self.region, service: service)
        let now = SigningTime(seconds: Int64(Date().timeIntervalSince1970))
        var outgoing = HTTPClientRequest(url: self.endpoint + target)
        outgoing.method = .init(rawValue: method)
        for field in signer.signedHeaders(for: request, at: now, standardPath: !isS3) {
            outgoing.headers.add(name: field.name.rawName, value: field.value)
        }
        outgoing.headers.replaceOrAdd(name: "Host", value: self.host)
        if body.readableBytes > 0 { outgoing.body = .bytes(body) }
        do {
            let response = try await self.http.execute(outgoing, timeout: self.timeout)
            var fields = HTTPFields()
            for (name, value) in response.headers {
                if let name = HTTPField.Name(name) { fields.append(HTTPField(name: name, value: value)) }
            }
            let bytes = try await response.body.collect(upTo: Self.maxAnswerBytes)
            return APIResponse(status: Int(response.status.code), headers: fields, body: bytes)
        } catch {
            throw .unreachable(endpoint: self.endpoint, reason: "\(error)")
        }
    }

    /// A label of a path, percent-encoded.
    package static func pathSegment(_ text: String) -> String {
        PercentEncoding.encode(text.utf8)
    }

    /// Host and port as the Host header has them.
    private var host: String {
        let rest = self.endpoint.firstRange(of: "://").map { self.endpoint[$0.upperBound...] } ?? self.endpoint[...]
        return String(rest.prefix { $0 != "/" })
    }

    private static func refusal(_ operation: String, _ answer: APIResponse, _ json: JSONValue?) -> AWSClientError {
        // SDKs cut at the colon, which real AWS appends with a namespace.
        let type = answer.headers[.amznErrorType] ?? json?["__type"]?.stringValue
        guard let name = type?.split(separator: ":").first else {
            return .malformedAnswer(operation: operation, status: answer.status)
        }
        let message = json?["message"]?.stringValue ?? json?["Message"]?.stringValue ?? ""
        return .service(
            operation: operation, error: AWSError(name: String(name), status: answer.status, message: message),
            requestID: answer.headers[.amznRequestID])
    }
}
