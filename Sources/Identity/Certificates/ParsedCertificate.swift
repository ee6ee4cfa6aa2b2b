import AWSAPI
import Crypto
import CryptoExtras
import SwiftASN1
import X509

/// A certificate that someone hands in, parsed and named: its id is the SHA-256 of its DER form (AWS IoT `certificateId`).
struct ParsedCertificate: Sendable {
    let certificate: Certificate
    let id: String
    /// The PEM form, with nothing before or after it.
    let pem: String

    /// Reads the one certificate that `pem` must hold. `field` is the member of the request, for the error.
    init(pem: String, field: String) throws(AWSError) {
        do {
            let document = try PEMDocument(pemString: pem)
            guard document.discriminator == Certificate.defaultPEMDiscriminator else {
                throw AWSError.certificateValidation("\(field) must be a PEM-encoded X.509 certificate, not \(document.discriminator)")
            }
            self.certificate = try Certificate(pemDocument: document)
            self.id = CertificateID.fingerprint(ofDER: document.derBytes)
            self.pem = document.pemString + "\n"
        } catch let error as AWSError {
            throw error
        } catch {
            throw .certificateValidation("\(field) is not a usable PEM-encoded X.509 certificate: \(X509Problem.describe(error))")
        }
    }

    /// A certificate made here.
    init(made certificate: Certificate) throws {
        let document = try certificate.serializeAsPEM()
        self.certificate = certificate
        self.id = CertificateID.fingerprint(ofDER: document.derBytes)
        self.pem = document.pemString + "\n"
    }

    var notBefore: Timestamp { Timestamp(self.certificate.notValidBefore) }
    var notAfter: Timestamp { Timestamp(self.certificate.notValidAfter) }

    /// Identifies the subject for look-ups; two certificates with the same subject have the same value.
    func subjectHash() throws -> String {
        var serializer = DER.Serializer()
        try serializer.serialize(self.certificate.subject)
        return CertificateID.fingerprint(ofDER: serializer.serializedBytes)
    }

    func issuerHash() throws -> String {
        var serializer = DER.Serializer()
        try serializer.serialize(self.certificate.issuer)
        return CertificateID.fingerprint(ofDER: serializer.serializedBytes)
    }

    /// AWS IoT accepts SHA-256, 384 and 512 with RSA or ECDSA (developer guide, "Certificate signing algorithms supported by AWS IoT").
    func checkAlgorithms(field: String) throws(AWSError) {
        let accepted: Set<Certificate.SignatureAlgorithm> = [
            .sha256WithRSAEncryption, .sha384WithRSAEncryption, .sha512WithRSAEncryption,
            .ecdsaWithSHA256, .ecdsaWithSHA384, .ecdsaWithSHA512,
        ]
        guard accepted.contains(self.certificate.signatureAlgorithm) else {
            let algorithm = self.certificate.signatureAlgorithm
            throw .certificateValidation("\(field) is signed with \(algorithm); supported are SHA-256, 384 and 512 with RSA or ECDSA")
        }
        guard DeviceKey.isAccepted(self.certificate.publicKey) else {
            throw .certificateValidation("\(field): \(DeviceKey.requirement)")
        }
    }

    /// RFC 5280 §4.2.1.9: a CA says so. Version 1 certificates cannot say; they are taken when they sign themselves.
    var isAuthority: Bool {
        switch try? self.certificate.extensions.basicConstraints {
        case .isCertificateAuthority: true
        case .notCertificateAuthority: false
        case nil: self.certificate.version == .v1 && self.certificate.subject == self.certificate.issuer
        }
    }
}

/// The ids of certificates.
package enum CertificateID {
    /// 64 lower-case hexadecimal digits: the SHA-256 of a certificate's DER form.
    package static func fingerprint(ofDER bytes: [UInt8]) -> String {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return hash.finalize().withUnsafeBytes(Self.hexadecimal)
    }

    /// Two lower-case digits for each byte.
    static func hexadecimal(_ bytes: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
            for (index, byte) in bytes.enumerated() {
                text[2 * index] = Self.digit(byte >> 4)
                text[2 * index + 1] = Self.digit(byte & 15)
            }
            return 2 * bytes.count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}

/// The keys that device certificates may hold.
enum DeviceKey {
    static let requirement = """
        the public key must be an RSA key with a length of at least \(IdentityLimits.rsaKeyBits) bits \
        or an ECC key from NIST P-256, P-384 or P-521
        """

    static func isAccepted(_ key: Certificate.PublicKey) -> Bool {
        if let rsa = _RSA.Signing.PublicKey(key) { return rsa.keySizeInBits >= IdentityLimits.rsaKeyBits }
        return P256.Signing.PublicKey(key) != nil || P384.Signing.PublicKey(key) != nil || P521.Signing.PublicKey(key) != nil
    }
}
