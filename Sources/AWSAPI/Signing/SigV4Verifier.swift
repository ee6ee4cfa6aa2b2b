internal import Crypto
internal import HTTPTypes
internal import NIOCore

/// Verifies Signature Version 4, in headers and in presigned URLs.
package struct SigV4Verifier: Sendable {
    /// How far the time of a signature may be from ours.
    package static let maxSkewSeconds: Int64 = 300
    /// How long a WebSocket URL without `X-Amz-Expires` is good for: a day, as AWS cuts such connections then.
    package static let webSocketExpirySeconds: Int64 = 86_400

    private let credentials: any CredentialProvider
    private let trustAnyCredentials: Bool
    private let region: String
    private let now: @Sendable () -> SigningTime

    /// - Parameter trustAnyCredentials: accept every well-formed signature, whoever made it and whenever.
    package init(
        credentials: any CredentialProvider, trustAnyCredentials: Bool, region: String, now: @escaping @Sendable () -> SigningTime
    ) {
        self.credentials = credentials
        self.trustAnyCredentials = trustAnyCredentials
        self.region = region
        self.now = now
    }

    /// Verifies an API request.
    ///
    /// - Parameter allowsUnsignedPayload: whether the service with this signing name takes bodies that the signature does not cover.
    package func verify(
        _ request: APIRequest, allowsUnsignedPayload: @Sendable (_ signingName: String) -> Bool = { _ in false }
    ) async throws(AWSError) -> VerifiedSignature {
        let claim = try SignatureClaim(request)
        _ = try await self.verify(claim, request, isUnsignedAllowed: allowsUnsignedPayload(claim.scope.service))
        return VerifiedSignature(claim)
    }

    /// `verify` that puts what a body in chunks holds in the body's place, and its checksums behind the headers.
    package func open(
        _ request: inout APIRequest, allowsUnsignedPayload: @Sendable (_ signingName: String) -> Bool
    ) async throws(AWSError) -> VerifiedSignature {
        let claim = try SignatureClaim(request)
        let isUnsignedAllowed = allowsUnsignedPayload(claim.scope.service)
        let key = try await self.verify(claim, request, isUnsignedAllowed: isUnsignedAllowed)
        guard isUnsignedAllowed, let form = request.headers[.amzContentSHA256].flatMap(ChunkedBody.Form.init) else {
            return VerifiedSignature(claim)
        }
        let chain = form == .unsignedWithTrailer ? nil : key.map { ChunkedBody.Chain(key: $0, claim) }
        var body = ChunkedBody(request.body, chain: chain)
        let (content, trailers) = try body.decoded()
        request.body = content
        for trailer in trailers {
            guard trailer.name.hasPrefix("x-amz-checksum-"), let name = HTTPField.Name(trailer.name) else { continue }
            request.headers[name] = trailer.value
        }
        return VerifiedSignature(claim)
    }

    /// Verifies the GET that upgrades to MQTT over WebSocket, presigned or header-signed.
    ///
    /// - Throws: besides what `verify` throws, InvalidSignatureException when it is signed for another service than the device gateway's.
    package func verifyWebSocket(_ request: APIRequest) async throws(AWSError) -> VerifiedSignature {
        let claim = try SignatureClaim(request)
        guard self.trustAnyCredentials || AWSService.iotData.signingNames.contains(claim.scope.service) else {
            throw .invalidSignature("Credential should be scoped to correct service: 'iotdevicegateway'.")
        }
        _ = try await self.verify(claim, request, isUnsignedAllowed: false)
        return VerifiedSignature(claim)
    }

    /// - Returns: the key that signed; nil when any is trusted.
    private func verify(
        _ claim: SignatureClaim, _ request: APIRequest, isUnsignedAllowed: Bool
    ) async throws(AWSError) -> SymmetricKey? {
        guard !self.trustAnyCredentials else { return nil }
        guard claim.scope.region == self.region || Self.isGlobal(claim.scope) else {
            throw .invalidSignature("Credential should be scoped to a valid region, not '\(claim.scope.region)'; this is '\(self.region)'.")
        }
        let key = try await self.key(for: claim)
        try self.checkTime(claim)
        guard self.isSigned(request, claim, key, isUnsignedAllowed: isUnsignedAllowed) else { throw .signatureMismatch }
        return claim.scope.signingKey(secret: key.secret)
    }

    /// IAM and STS are signed for the region of their global endpoints, wherever a client is.
    private static func isGlobal(_ scope: CredentialScope) -> Bool {
        ["iam", "sts"].contains(scope.service) && scope.region == "us-east-1"
    }

    // MARK: Key and token

    private func key(for claim: SignatureClaim) async throws(AWSError) -> AccessKey {
        let found: AccessKey?
        do {
            found = try await self.credentials.secret(for: claim.accessKeyID)
        } catch {
            throw .internalFailure("The access key could not be looked up.")
        }
        guard let key = found else { throw .unrecognizedClient }
        guard Self.areEqual(key.sessionToken ?? "", claim.sessionToken ?? "") else { throw .unrecognizedClient }
        if let end = key.expiresAtSeconds, self.now().seconds >= end { throw .expiredToken }
        return key
    }

    /// Compares secrets in a time that does not depend on where they differ.
    private static func areEqual(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    // MARK: Time

    private func checkTime(_ claim: SignatureClaim) throws(AWSError) {
        let now = self.now()
        let latest = now.advanced(bySeconds: Self.maxSkewSeconds)
        guard claim.time <= latest else {
            throw .invalidSignature(
                "Signature not yet current: \(claim.stamp) is still later than \(latest.stamp) (\(now.stamp) + 5 min.)")
        }
        let (life, words): (Int64, String) =
            switch claim.form {
            case .header: (Self.maxSkewSeconds, "5 min.")
            case .query(let seconds): (seconds ?? Self.webSocketExpirySeconds, "\(seconds ?? Self.webSocketExpirySeconds) sec.")
            }
        let earliest = now.advanced(bySeconds: -life)
        guard claim.time >= earliest else {
            throw .invalidSignature(
                "Signature expired: \(claim.stamp) is now earlier than \(earliest.stamp) (\(now.stamp) - \(words))")
        }
    }

    // MARK: Signature

    /// Whether the signature is that of the request in one of the forms that signers are known to use.
    private func isSigned(_ request: APIRequest, _ claim: SignatureClaim, _ key: AccessKey, isUnsignedAllowed: Bool) -> Bool {
        let signingKey = claim.scope.signingKey(secret: key.secret)
        let hosts = claim.signedHeaders.contains("host") ? Self.hosts(for: request.host) : [request.host]
        let queries = Self.queries(for: request, claim)
        let payloads = Self.payloadHashes(request, claim, isUnsignedAllowed: isUnsignedAllowed)
        for path in CanonicalRequest.paths(for: request.path) {
            for host in hosts {
                let headers = CanonicalRequest.headers(claim.signedHeaders, in: request.headers, host: host)
                for query in queries {
                    for payload in payloads {
                        let canonical = CanonicalRequest(
                            method: request.method, path: path, query: query, headers: headers, payloadHash: payload)
                        let text = claim.scope.stringToSign(stamp: claim.stamp, canonicalRequest: canonical.text)
                        // Compares in constant time.
                        let isValid = HMAC<SHA256>.isValidAuthenticationCode(
                            claim.signature, authenticating: Array(text.utf8), using: signingKey)
                        if isValid { return true }
                    }
                }
            }
        }
        return false
    }

    /// The host as sent and as a signer may have seen it: some SDKs leave a port out of what they sign, some put the default port in.
    static func hosts(for host: String) -> [String] {
        var hosts = [host]
        // The colon of a port comes after the bracket of an IPv6 address.
        if let colon = host.lastIndex(of: ":"), host[colon...].dropFirst().allSatisfy(\.isNumber), !host[colon...].contains("]"),
            !host[..<colon].contains(":") || host[..<colon].hasSuffix("]")
        {
            hosts.append(String(host[..<colon]))
        } else {
            hosts.append(host + ":443")
        }
        for variant in hosts where variant != variant.lowercased() { hosts.append(variant.lowercased()) }
        return hosts
    }

    /// The canonical query, for a presigned request also without the session token, which AWS IoT's device SDKs append after signing.
    private static func queries(for request: APIRequest, _ claim: SignatureClaim) -> [String] {
        let items = QueryItem.parse(request.queryText)
        guard case .query = claim.form else { return [CanonicalRequest.query(items)] }
        let signed = CanonicalRequest.query(items, without: ["x-amz-signature"])
        guard claim.sessionToken != nil else { return [signed] }
        return [signed, CanonicalRequest.query(items, without: ["x-amz-signature", "x-amz-security-token"])]
    }

    /// What may stand for the body in the signature. Its hash; where the service allows it (and the request says so in a signed header) also
    /// `UNSIGNED-PAYLOAD` and its form in chunks over TLS, and signed chunks, which are looked at later. A presigned URL never covers a body.
    private static func payloadHashes(_ request: APIRequest, _ claim: SignatureClaim, isUnsignedAllowed: Bool) -> [String] {
        let hash = PayloadHash.of(request.body)
        if case .query = claim.form {
            return isUnsignedAllowed || request.body.readableBytes == 0 ? [hash, PayloadHash.unsigned] : [hash]
        }
        guard isUnsignedAllowed, claim.signedHeaders.contains("x-amz-content-sha256"), let declared = request.headers[.amzContentSHA256]
        else { return [hash] }
        switch ChunkedBody.Form(rawValue: declared) {
        case .signed, .signedWithTrailer: return [declared]
        case .unsignedWithTrailer: return request.isSecure ? [declared] : [hash]
        case nil: return request.isSecure && declared == PayloadHash.unsigned ? [declared] : [hash]
        }
    }
}

extension ChunkedBody.Chain {
    fileprivate init(key: SymmetricKey, _ claim: SignatureClaim) {
        self.init(key: key, stamp: claim.stamp, scope: claim.scope.text, last: PercentEncoding.hex(claim.signature))
    }
}

/// Who signed, and for what.
package struct VerifiedSignature: Sendable, Hashable {
    package let accessKeyID: String
    package let scope: CredentialScope
    package let time: SigningTime

    init(_ claim: SignatureClaim) {
        self.accessKeyID = claim.accessKeyID
        self.scope = claim.scope
        self.time = claim.time
    }
}
