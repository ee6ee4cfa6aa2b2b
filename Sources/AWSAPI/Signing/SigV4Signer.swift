internal import Crypto
package import HTTPTypes
internal import NIOCore

/// Signs requests with Signature Version 4.
package struct SigV4Signer: Sendable {
    package let key: AccessKey
    package let region: String
    /// The signing name of the service ("iot", "iotdata").
    package let service: String

    package init(key: AccessKey, region: String, service: String) {
        self.key = key
        self.region = region
        self.service = service
    }

    /// The headers of `request` with `X-Amz-Date`, the session token if there is one, and `Authorization`. All headers given are signed.
    ///
    /// - Parameter standardPath: false signs the path as it is, as S3 does.
    package func signedHeaders(for request: APIRequest, at time: SigningTime, standardPath: Bool = true) -> HTTPFields {
        var headers = request.headers
        headers[.amzDate] = time.stamp
        if let token = self.key.sessionToken { headers[.amzSecurityToken] = token }
        let names = (Set(headers.map { $0.name.canonicalName }).union(["host"])).sorted()
        let scope = CredentialScope(day: time.day, region: self.region, service: self.service)
        let canonical = CanonicalRequest(
            method: request.method,
            path: standardPath ? CanonicalRequest.path(for: request.path) : String(request.path),
            query: CanonicalRequest.query(QueryItem.parse(request.queryText)),
            headers: CanonicalRequest.headers(names, in: headers, host: request.host),
            payloadHash: headers[.amzContentSHA256] ?? PayloadHash.of(request.body))
        let signature = self.signature(of: canonical, scope: scope, time: time)
        headers[.authorization] =
            "\(SignatureClaim.algorithm) Credential=\(self.key.id)/\(scope.text), "
            + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
        return headers
    }

    /// How a presigned URL carries a session token.
    package enum TokenPlacement: Sendable {
        case signed
        /// Appended after signing, as AWS IoT's device SDKs do for WebSockets.
        case appended
    }

    /// Path and query of a presigned GET without body, good for `expiresSeconds`; only the host is signed.
    package func presignedTarget(
        path: String, query: [QueryItem] = [], host: String, at time: SigningTime, expiresSeconds: Int64?, token: TokenPlacement = .signed
    ) -> String {
        let scope = CredentialScope(day: time.day, region: self.region, service: self.service)
        var items = query
        items.append(QueryItem("X-Amz-Algorithm", SignatureClaim.algorithm))
        items.append(QueryItem("X-Amz-Credential", "\(self.key.id)/\(scope.text)"))
        items.append(QueryItem("X-Amz-Date", time.stamp))
        if let expiresSeconds { items.append(QueryItem("X-Amz-Expires", String(expiresSeconds))) }
        items.append(QueryItem("X-Amz-SignedHeaders", "host"))
        let tokenItem = self.key.sessionToken.map { QueryItem("X-Amz-Security-Token", $0) }
        if let tokenItem, case .signed = token { items.append(tokenItem) }
        let text = CanonicalRequest.query(items)
        let canonical = CanonicalRequest(
            method: "GET", path: CanonicalRequest.path(for: path), query: text, headers: [("host", CanonicalRequest.headerValue([host]))],
            payloadHash: PayloadHash.empty)
        var target = "\(path)?\(text)&X-Amz-Signature=\(self.signature(of: canonical, scope: scope, time: time))"
        if let tokenItem, case .appended = token { target += "&" + CanonicalRequest.query([tokenItem]) }
        return target
    }

    private func signature(of canonical: CanonicalRequest, scope: CredentialScope, time: SigningTime) -> String {
        let text = scope.stringToSign(stamp: time.stamp, canonicalRequest: canonical.text)
        let code = HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: scope.signingKey(secret: self.key.secret))
        return PercentEncoding.hex(code)
    }
}

/// The hash of a body as signatures write it.
enum PayloadHash {
    static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let unsigned = "UNSIGNED-PAYLOAD"

    static func of(_ body: ByteBuffer) -> String {
        guard body.readableBytes > 0 else { return Self.empty }
        return PercentEncoding.hex(body.withUnsafeReadableBytes { SHA256.hash(data: $0) })
    }
}
