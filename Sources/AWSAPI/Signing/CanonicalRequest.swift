internal import HTTPTypes

/// The text over which a request is signed
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request).
struct CanonicalRequest {
    let method: String
    /// Already canonical: see `paths(for:)`.
    let path: String
    /// Already canonical: see `query(_:without:)`.
    let query: String
    /// Lower-case name and canonical value, in the order of `SignedHeaders`.
    let headers: [(name: String, value: String)]
    /// The body's SHA-256 in hex, or `UNSIGNED-PAYLOAD`.
    let payloadHash: String

    var text: String {
        let lines = self.headers.map { "\($0.name):\($0.value)\n" }.joined()
        let names = self.headers.map(\.name).joined(separator: ";")
        return "\(self.method)\n\(self.path)\n\(self.query)\n\(lines)\n\(names)\n\(self.payloadHash)"
    }

    // MARK: Paths

    /// The canonical path as the standard has it: what was sent, normalised, encoded once more.
    static func path(for sent: some StringProtocol) -> String {
        PercentEncoding.encode(Self.normalized(sent).utf8, keepingSlash: true)
    }

    /// All canonical paths that signers are known to make of a path, the standard's first, without repetitions: encoded twice (all SDKs) or
    /// once (hand-written clients, S3's rule), each with or without `.`, `..` and empty segments resolved, or as sent.
    static func paths(for sent: some StringProtocol) -> [String] {
        let sent = sent.isEmpty ? "/" : String(sent)
        let normal = Self.normalized(sent)
        var paths: [String] = []
        for path in [
            PercentEncoding.encode(normal.utf8, keepingSlash: true),
            PercentEncoding.encode(sent.utf8, keepingSlash: true),
            Self.encodedOnce(normal),
            Self.encodedOnce(sent),
            sent,
        ] where !paths.contains(path) {
            paths.append(path)
        }
        return paths
    }

    /// Each segment in the encoding that the standard gives to its decoded bytes. An encoded slash stays encoded.
    private static func encodedOnce(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { PercentEncoding.encode(PercentEncoding.decode($0)) }
            .joined(separator: "/")
    }

    /// RFC 3986 §5.2.4, with empty segments dropped as botocore drops them.
    static func normalized(_ path: some StringProtocol) -> String {
        var segments: [Substring] = []
        for segment in Substring(path).split(separator: "/", omittingEmptySubsequences: true) where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        let end = path.hasSuffix("/") && !segments.isEmpty ? "/" : ""
        return "/" + segments.joined(separator: "/") + end
    }

    // MARK: Query and headers

    /// Every parameter encoded, sorted by name and then by value.
    ///
    /// - Parameter excluded: lower-case names that are not signed.
    static func query(_ items: [QueryItem], without excluded: Set<String> = []) -> String {
        var pairs: [(name: String, value: String)] = []
        for item in items where !excluded.contains(item.name.lowercased()) {
            pairs.append((PercentEncoding.encode(item.name.utf8), PercentEncoding.encode(item.value.utf8)))
        }
        // ASCII only, so the order of texts is the order of bytes.
        pairs.sort { ($0.name, $0.value) < ($1.name, $1.value) }
        return pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// The signed headers of a request.
    static func headers(_ names: [String], in fields: HTTPFields, host: String) -> [(name: String, value: String)] {
        names.map { name in
            if name == "host" { return (name, Self.headerValue([host])) }
            // A name that cannot be one has no value, and the signature fails.
            return (name, Self.headerValue(HTTPField.Name(name).map { fields[values: $0] } ?? []))
        }
    }

    /// Values of one header, trimmed, with runs of blanks as one, joined by commas.
    static func headerValue(_ values: [String]) -> String {
        values.map { value in
            value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
        }.joined(separator: ",")
    }
}
