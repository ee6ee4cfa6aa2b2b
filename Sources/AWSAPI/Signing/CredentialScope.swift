internal import Crypto

/// What a signature is good for: one day, region and service.
package struct CredentialScope: Sendable, Hashable {
    static let terminator = "aws4_request"

    /// `YYYYMMDD`.
    package let day: String
    package let region: String
    /// The signing name of the service.
    package let service: String

    package init(day: String, region: String, service: String) {
        self.day = day
        self.region = region
        self.service = service
    }

    /// `DAY/REGION/SERVICE/aws4_request`.
    var text: String {
        "\(self.day)/\(self.region)/\(self.service)/\(Self.terminator)"
    }

    /// The key that signs in this scope (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
    func signingKey(secret: String) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [self.day, self.region, self.service, Self.terminator] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return key
    }

    /// What the signing key signs.
    func stringToSign(stamp: String, canonicalRequest: String) -> String {
        let hash = PercentEncoding.hex(SHA256.hash(data: Array(canonicalRequest.utf8)))
        return "\(SignatureClaim.algorithm)\n\(stamp)\n\(self.text)\n\(hash)"
    }
}
