import Crypto
package import FoundationEssentials
import Logging
import SwiftASN1
import X509

/// What the TLS listeners present.
package struct ServerCredentials: Sendable, Hashable {
    /// The server's certificate, and its chain where the operator brought one.
    package let certificateChainPEM: String
    package let privateKeyPEM: String
    package let notAfter: Date
}

extension CertificateAuthority {
    /// Clients of some platforms refuse a server certificate that is valid for more than 825 days (Apple, support article HT210176).
    private static let serverCertificateSeconds: TimeInterval = 800 * 86_400
    /// With less than this left a new one is made.
    private static let renewalSeconds: TimeInterval = 30 * 86_400

    /// The stored server certificate, or a new one where there is none, where it nears its end or where the host's names changed.
    /// Called at start, on SIGHUP, and once a day.
    package func serverCredentials(names: ServerNames, now: Date = Date()) throws -> ServerCredentials {
        let certificatePath = "\(self.folder)/server.pem"
        let keyPath = "\(self.folder)/server.key"
        guard let pem = try KeyFile.read(certificatePath), let key = try KeyFile.read(keyPath) else {
            return try self.issueServerCertificate(names: names, now: now)
        }
        let leaf: Certificate = try Self.parse(certificatePath) { try .init(pemEncoded: Self.firstDocument(of: pem)) }
        let privateKey: Certificate.PrivateKey = try Self.parse(keyPath) { try .init(pemEncoded: key) }
        let isOwn = self.certificate.publicKey.isValidSignature(leaf.signature, for: leaf)
        if isOwn {
            // A mismatch here is a crash between the two files of a renewal.
            guard leaf.publicKey == privateKey.publicKey, Self.names(of: leaf) == names,
                leaf.notValidAfter.timeIntervalSince(now) > Self.renewalSeconds
            else {
                return try self.issueServerCertificate(names: names, now: now)
            }
        } else {
            guard leaf.publicKey == privateKey.publicKey else {
                throw CertificateAuthorityError.mismatch(certificate: certificatePath, key: keyPath)
            }
            self.warnOfExpiry(leaf, path: certificatePath, now: now)
        }
        return ServerCredentials(certificateChainPEM: pem, privateKeyPEM: key, notAfter: leaf.notValidAfter)
    }

    private func issueServerCertificate(names: ServerNames, now: Date) throws -> ServerCredentials {
        let key = P256.Signing.PrivateKey()
        let publicKey = Certificate.PublicKey(key.publicKey)
        let subject = try DistinguishedName {
            OrganizationName("Roost")
            CommonName("localhost")
        }
        let alternatives =
            names.names.map(GeneralName.dnsName)
            + names.addresses.map { GeneralName.ipAddress(ASN1OctetString(contentBytes: $0[...])) }
        let certificate = try self.sign(
            subject: subject, publicKey: publicKey,
            from: now.addingTimeInterval(-Self.backdatingSeconds), until: now.addingTimeInterval(Self.serverCertificateSeconds),
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([.serverAuth])
                SubjectAlternativeNames(alternatives)
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(keyIdentifier: try self.certificate.extensions.subjectKeyIdentifier?.keyIdentifier)
            })
        let pem = try certificate.serializeAsPEM().pemString + "\n"
        let keyPEM = key.pemRepresentation + "\n"
        try KeyFile.write(keyPEM, to: "\(self.folder)/server.key", mode: 0o600)
        try KeyFile.write(pem, to: "\(self.folder)/server.pem", mode: 0o644)
        self.logger.info(
            "made a server certificate",
            metadata: ["names": "\(names.names.joined(separator: ","))", "notAfter": "\(certificate.notValidAfter)"])
        return ServerCredentials(certificateChainPEM: pem, privateKeyPEM: keyPEM, notAfter: certificate.notValidAfter)
    }

    private func warnOfExpiry(_ leaf: Certificate, path: String, now: Date) {
        guard leaf.notValidAfter.timeIntervalSince(now) < Self.renewalSeconds else { return }
        self.logger.warning(
            "the server certificate is of another authority and ends soon: put a new one in its place and send SIGHUP",
            metadata: ["path": "\(path)", "notAfter": "\(leaf.notValidAfter)"])
    }

    private static func firstDocument(of pem: String) throws -> String {
        guard let first = try PEMDocument.parseMultiple(pemString: pem).first else { return pem }
        return first.pemString
    }

    private static func names(of certificate: Certificate) -> ServerNames? {
        guard let alternatives = try? certificate.extensions.subjectAlternativeNames else { return nil }
        var result = ServerNames()
        result.names = []
        result.addresses = []
        for name in alternatives {
            switch name {
            case .dnsName(let text): result.names.append(text)
            case .ipAddress(let bytes): result.addresses.append(Array(bytes.bytes))
            case .otherName, .rfc822Name, .x400Address, .directoryName, .ediPartyName, .uniformResourceIdentifier, .registeredID:
                return nil
            }
        }
        return result
    }
}
