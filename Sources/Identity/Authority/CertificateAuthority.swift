import Crypto
package import FoundationEssentials
package import Logging
import SwiftASN1
package import X509

/// The server's own authority: it signs the server certificate, and the device certificates that the API makes.
///
/// Its folder holds `ca.pem` (for clients), `ca.key`, `server.pem` and `server.key`; keys are readable by their owner only. A
/// `server.pem` that this authority did not sign is the operator's own: it is served as it is and never replaced.
package final class CertificateAuthority: Sendable {
    package let folder: String
    /// What clients verify the server with.
    package let certificate: Certificate
    package let certificatePEM: String
    private let privateKey: Certificate.PrivateKey
    let logger: Logger

    /// The file that clients are given (`caFile` of endpoints.json).
    package var certificatePath: String { "\(self.folder)/ca.pem" }

    private init(folder: String, certificate: Certificate, pem: String, privateKey: Certificate.PrivateKey, logger: Logger) {
        self.folder = folder
        self.certificate = certificate
        self.certificatePEM = pem
        self.privateKey = privateKey
        self.logger = logger
    }

    /// Opens the authority in `folder` (made when missing), or makes one.
    ///
    /// The key is written before the certificate, so a crash between the two leaves a key alone, and the next start signs a certificate
    /// with it.
    package static func openOrCreate(folder: String, now: Date = Date(), logger: Logger) throws -> CertificateAuthority {
        try KeyFile.makeFolder(folder)
        let keyPath = "\(folder)/ca.key"
        let certificatePath = "\(folder)/ca.pem"
        let storedKey = try KeyFile.read(keyPath)
        let storedCertificate = try KeyFile.read(certificatePath)
        guard let keyText = storedKey else {
            guard storedCertificate == nil else { throw CertificateAuthorityError.keyMissing(path: keyPath) }
            let key = P256.Signing.PrivateKey().pemRepresentation + "\n"
            try KeyFile.write(key, to: keyPath, mode: 0o600)
            return try Self.openOrCreate(folder: folder, now: now, logger: logger)
        }
        let key: Certificate.PrivateKey = try Self.parse(keyPath) { try .init(pemEncoded: keyText) }
        guard let pem = storedCertificate else {
            let certificate = try Self.makeRoot(key: key, now: now)
            let pem = try certificate.serializeAsPEM().pemString + "\n"
            try KeyFile.write(pem, to: certificatePath, mode: 0o644)
            logger.info("made a certificate authority", metadata: ["folder": "\(folder)"])
            return CertificateAuthority(folder: folder, certificate: certificate, pem: pem, privateKey: key, logger: logger)
        }
        let certificate: Certificate = try Self.parse(certificatePath) { try .init(pemEncoded: pem) }
        guard certificate.publicKey == key.publicKey else {
            throw CertificateAuthorityError.mismatch(certificate: certificatePath, key: keyPath)
        }
        return CertificateAuthority(folder: folder, certificate: certificate, pem: pem, privateKey: key, logger: logger)
    }

    /// Runs a parser and says which file it could not read.
    static func parse<Value>(_ path: String, _ body: () throws -> Value) throws(CertificateAuthorityError) -> Value {
        do {
            return try body()
        } catch {
            throw .unreadable(path: path, what: "\(error)")
        }
    }

    /// Signs a certificate in this authority's name.
    func sign(
        subject: DistinguishedName, publicKey: Certificate.PublicKey, from notBefore: Date, until notAfter: Date,
        extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: publicKey,
            notValidBefore: notBefore,
            notValidAfter: notAfter,
            issuer: self.certificate.subject,
            subject: subject,
            extensions: extensions,
            issuerPrivateKey: self.privateKey)
    }

    /// Devices rarely know the time to the minute; a day's margin costs nothing.
    static let backdatingSeconds: TimeInterval = 86_400

    private static func makeRoot(key: Certificate.PrivateKey, now: Date) throws -> Certificate {
        let name = try DistinguishedName {
            OrganizationName("Roost")
            CommonName("Roost Certificate Authority")
        }
        return try Certificate(
            version: .v3,
            serialNumber: Certificate.SerialNumber(),
            publicKey: key.publicKey,
            notValidBefore: now.addingTimeInterval(-Self.backdatingSeconds),
            notValidAfter: CertificateValidity.endOfIssued,
            issuer: name,
            subject: name,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: 0))
                Critical(KeyUsage(keyCertSign: true, cRLSign: true))
                SubjectKeyIdentifier(hash: key.publicKey)
            },
            issuerPrivateKey: key)
    }
}

/// When certificates made here are valid.
enum CertificateValidity {
    /// 2049-12-31T23:59:59Z, as AWS gives its device certificates; also the last second that X.509 writes with two digits of year.
    static let endOfIssued = Date(timeIntervalSince1970: 2_524_607_999)
}
