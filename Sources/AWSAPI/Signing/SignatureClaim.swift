internal import HTTPTypes

/// What a request says about its signature, read from the Authorization header or from the query, and not believed yet.
struct SignatureClaim: Sendable, Hashable {
    static let algorithm = "AWS4-HMAC-SHA256"
    /// Headers that one signature may cover.
    static let maxSignedHeaders = 64

    enum Form: Sendable, Hashable {
        case header
        /// A presigned URL, valid for this long. Nil when the URL does not say (AWS IoT's WebSocket URLs may leave it out).
        case query(expiresSeconds: Int64?)
    }

    let form: Form
    let accessKeyID: String
    let scope: CredentialScope
    let time: SigningTime
    /// The time as the request writes it.
    let stamp: String
    /// Lower-case names in the order in which they are signed.
    let signedHeaders: [String]
    /// 32 bytes.
    let signature: [UInt8]
    let sessionToken: String?
}

// MARK: Reading

extension SignatureClaim {
    /// Whether a request has anything of a signature, or of another authentication; it may still be none that counts.
    static func isAttempted(in request: APIRequest) -> Bool {
        request.headers[.authorization] != nil || QueryItem.parse(request.queryText).contains { $0.name.lowercased().hasPrefix("x-amz-") }
    }

    /// - Throws: MissingAuthenticationTokenException without any sign of a signature, IncompleteSignatureException for half a signature.
    init(_ request: APIRequest) throws(AWSError) {
        if let authorization = request.headers[.authorization] {
            try self.init(authorization: authorization, request: request)
        } else {
            try self.init(query: QueryItem.parse(request.queryText))
        }
    }

    /// The service that a request says it is signed for, however little else of its signature is right.
    static func service(of request: APIRequest) -> String? {
        let credential: Substring?
        if let authorization = request.headers[.authorization] {
            let start = authorization.firstRange(of: "Credential=")?.upperBound ?? authorization.endIndex
            credential = authorization[start...].prefix { $0 != "," && $0 != " " }
        } else if request.queryText.isEmpty {
            credential = nil
        } else {
            credential = QueryItem.parse(request.queryText).first { $0.name.lowercased() == "x-amz-credential" }?.value[...]
        }
        guard let parts = credential?.split(separator: "/", omittingEmptySubsequences: false), parts.count == 5 else { return nil }
        return String(parts[3])
    }

    private init(authorization: String, request: APIRequest) throws(AWSError) {
        let halves = authorization.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard halves.first.map(String.init) == Self.algorithm else {
            throw .missingAuthenticationToken
        }
        var fields: [String: String] = [:]
        for part in halves.dropFirst().first?.split(separator: ",") ?? [] {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2 else {
                throw .incompleteSignature(
                    "'\(part)' not a valid key=value pair (missing equal-sign) in Authorization header: '\(authorization)'.")
            }
            fields[Self.trimmed(pair[0])] = Self.trimmed(pair[1])
        }
        let stamp = request.headers[.amzDate] ?? request.headers[.date]
        let missing = ["Credential", "Signature", "SignedHeaders"].filter { fields[$0] == nil }.map {
            "Authorization header requires '\($0)' parameter. "
        }
        let missingDate = stamp == nil ? "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " : ""
        guard missing.isEmpty, let credential = fields["Credential"], let signature = fields["Signature"],
            let headers = fields["SignedHeaders"], let stamp
        else {
            throw .incompleteSignature(missing.joined() + missingDate + "Authorization=\(authorization.prefix { $0 != " " })")
        }
        try self.init(
            form: .header, credential: credential, stamp: stamp, signedHeaders: headers, signature: signature,
            sessionToken: request.headers[.amzSecurityToken])
    }

    private init(query: [QueryItem]) throws(AWSError) {
        func value(_ name: String) -> String? { query.first { $0.name.lowercased() == name }?.value }
        guard value("x-amz-signature") != nil || value("x-amz-credential") != nil || value("x-amz-algorithm") != nil else {
            throw .missingAuthenticationToken
        }
        guard let algorithm = value("x-amz-algorithm"), let credential = value("x-amz-credential"), let stamp = value("x-amz-date"),
            let headers = value("x-amz-signedheaders"), let signature = value("x-amz-signature")
        else {
            throw .incompleteSignature(
                "AWS query-string parameters must include 'X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Signature', "
                    + "'X-Amz-SignedHeaders' and 'X-Amz-Date'. Re-examine the query-string parameters.")
        }
        guard algorithm == Self.algorithm else {
            throw .incompleteSignature("Unsupported AWS 'algorithm': '\(algorithm)'.")
        }
        try self.init(
            form: .query(expiresSeconds: Self.expiry(value("x-amz-expires"))), credential: credential, stamp: stamp,
            signedHeaders: headers, signature: signature, sessionToken: value("x-amz-security-token"))
    }

    private init(
        form: Form, credential: String, stamp: String, signedHeaders: String, signature: String, sessionToken: String?
    ) throws(AWSError) {
        let parts = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        // An access key id has no slash, so there are five parts.
        guard parts.count == 5, !parts[0].isEmpty else {
            throw .incompleteSignature(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '\(credential)'.")
        }
        guard parts[4] == CredentialScope.terminator else {
            throw .invalidSignature("Credential should be scoped with a valid terminator: 'aws4_request', not '\(parts[4])'.")
        }
        guard let time = SigningTime(stamp: stamp) else {
            throw .incompleteSignature("Date must be in ISO-8601 'basic format'. Got '\(stamp)'. See http://en.wikipedia.org/wiki/ISO_8601")
        }
        guard time.day == parts[1] else {
            throw .invalidSignature(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '\(parts[1])' != '\(time.day)', "
                    + "from '\(stamp)'.")
        }
        let headers = signedHeaders.split(separator: ";").map { $0.lowercased() }
        guard headers.contains("host"), headers.count <= Self.maxSignedHeaders else {
            throw .invalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        }
        // A signature of another length or alphabet is a wrong signature, not an incomplete one.
        guard let bytes = PercentEncoding.bytes(hex: signature), bytes.count == 32 else {
            throw .signatureMismatch
        }
        self.form = form
        self.accessKeyID = parts[0]
        self.scope = CredentialScope(day: parts[1], region: parts[2], service: parts[3])
        self.time = time
        self.stamp = stamp
        self.signedHeaders = headers
        self.signature = bytes
        self.sessionToken = sessionToken
    }

    /// Longest life of a presigned URL: a week.
    private static let maxExpirySeconds: Int64 = 604_800

    private static func expiry(_ text: String?) throws(AWSError) -> Int64? {
        guard let text else { return nil }
        guard let seconds = Int64(text), (1...Self.maxExpirySeconds).contains(seconds) else {
            throw .incompleteSignature("X-Amz-Expires must be a number of seconds between 1 and \(Self.maxExpirySeconds), got '\(text)'.")
        }
        return seconds
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
