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

// Made with OpenSSL, for what the library does not make.
extension TestCertificates {
    /// An RSA key of 1024 bits.
    static let rsa1024Request = """
        -----BEGIN CERTIFICATE REQUEST-----
        MIIBSzCBtQIBADAMMQowCAYDVQQDDAF4MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB
        iQKBgQC82DY6UrIWrK9yDjwGrwyzY8a45EB2NPO9yBJN2RCPj2kBVViHJpNoZ5OG
        XQZ3HCIrykKUpdAN6bnyrO8mIX+ijbkzxv2WHH14JH4iHVC9xnxNp1Tkswr+AY9E
        RS2mnmsKhvI5gzwL912frfNUEVRiOARufShnkaHqimLBmzSKZQIDAQABoAAwDQYJ
        KoZIhvcNAQELBQADgYEAe4F3qgiYJzPLGWU3vsx/4z/99lrr6M3wD+4GsEt1hEfC
        /BeNbFXG/UvWAKAanCsafeLQP93alHC/tLHJEYSOuh+1P6MZGWvIZiYGfY3bJ7wY
        pAVeaHgqnGO1xl3W7n1DpjPZR63A1IimnzCPNSQjD2Emb+KV0+7HID5NTkcgfxw=
        -----END CERTIFICATE REQUEST-----
        """

    /// A key on a curve that is not NIST's.
    static let secp256k1Request = """
        -----BEGIN CERTIFICATE REQUEST-----
        MIHDMGsCAQAwDDEKMAgGA1UEAwwBeDBWMBAGByqGSM49AgEGBSuBBAAKA0IABPqn
        mqobbzqyJpTwiWWzjAEdlCSaeiO2T8XIc90ksdq1S8VNMGlBYDbO1/f49hA6weXI
        hAKHCB8p6LMH35rx/XugADAKBggqhkjOPQQDAgNIADBFAiB5r3fC63eRP7VV95+M
        amtJy68wSY+KYUHa3zs9Af3HhAIhAKXl35DDmnjWOrVp+Q0eDl245i/laJkegcKF
        /zKnBC1x
        -----END CERTIFICATE REQUEST-----
        """

    /// X.509 version 1, as `openssl x509 -req` makes them without extensions.
    static let version1 = """
        -----BEGIN CERTIFICATE-----
        MIIBJzCBzgIUfjW5SoWYz1TdSjqAylMaRKNRWW8wCgYIKoZIzj0EAwIwHzEOMAwG
        A1UEAwwFRmxlZXQxDTALBgNVBAoMBEFDTUUwHhcNMjYxMTIzMDQxMzMwWhcNMzUw
        MjA5MDQxMzMwWjAOMQwwCgYDVQQDDANkZXYwWTATBgcqhkjOPQIBBggqhkjOPQMB
        BwNCAAS6jCmebOtFay2XKBAWpU2a6rE/pmy5FT0yjCf9r4FIWMfyNQb3h+nJXO5t
        0PYPcVX/vzdBurcVbqUjPNCK8WwuMAoGCCqGSM49BAMCA0gAMEUCIDnvG9fnM5a7
        3F9rcKCQcoPNGY1n0nWbU0C2qk+IWgupAiEA4ri/dHk2tyHvClRFaGNgElay3qPH
        6E05xL2t2/FQPJQ=
        -----END CERTIFICATE-----
        """
}
