import Crypto
import Foundation
import SwiftASN1
import X509

/// Certificates of others than the server: CAs that a fleet brings, and what they sign.
struct TestAuthority {
    let key = P256.Signing.PrivateKey()
    let certificate: Certificate

    var pem: String { get throws { try self.certificate.serializeAsPEM().pemString } }

    init(_ name: String = "Fleet CA", isAuthority: Bool = true, until: Date = TestCertificates.end) throws {
        let subject = try DistinguishedName { CommonName(name) }
        self.certificate = try TestCertificates.make(
            subject: subject, issuer: subject, publicKey: .init(self.key.publicKey), signedWith: .init(self.key), until: until,
            isAuthority: isAuthority)
    }

    func sign(commonName: String, until: Date = TestCertificates.end) throws -> String {
        try self.sign(subject: DistinguishedName { CommonName(commonName) }, until: until)
    }

    func sign(
        subject: DistinguishedName, until: Date = TestCertificates.end, key: Certificate.PublicKey? = nil,
        alternatives: [GeneralName] = []
    ) throws -> String {
        try TestCertificates.make(
            subject: subject, issuer: self.certificate.subject, publicKey: key ?? .init(P256.Signing.PrivateKey().publicKey),
            signedWith: .init(self.key), until: until, alternatives: alternatives
        ).serializeAsPEM().pemString
    }
}

enum TestCertificates {
    static let start = Date(timeIntervalSince1970: 1_700_000_000)
    static let end = Date(timeIntervalSince1970: 2_000_000_000)

    static func make(
        subject: DistinguishedName, issuer: DistinguishedName, publicKey: Certificate.PublicKey, signedWith key: Certificate.PrivateKey,
        until: Date, isAuthority: Bool = false, alternatives: [GeneralName] = []
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: publicKey, notValidBefore: Self.start, notValidAfter: until,
            issuer: issuer, subject: subject,
            extensions: try Certificate.Extensions {
                if isAuthority { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) }
                if !alternatives.isEmpty { SubjectAlternativeNames(alternatives) }
            },
            issuerPrivateKey: key)
    }

    static func signingRequest(commonName: String = "lamp") throws -> String {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        return try Self.signingRequest(key, commonName: commonName)
    }

    static func signingRequest(_ key: Certificate.PrivateKey, commonName: String = "lamp") throws -> String {
        try CertificateSigningRequest(
            version: .v1, subject: DistinguishedName { CommonName(commonName) }, privateKey: key, attributes: .init()
        ).serializeAsPEM().pemString
    }
}
