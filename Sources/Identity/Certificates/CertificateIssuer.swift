import AWSAPI
import CryptoExtras
import Dispatch
import FoundationEssentials
import SwiftASN1
import Synchronization
import X509

/// Makes device certificates in the authority's name.
///
/// Making an RSA key takes tens of milliseconds of processor time: it happens on queues of its own, half as many as there are
/// processors, so that a fleet being registered does not stand in the way of the other calls.
final class CertificateIssuer: Sendable {
    struct KeyPair: Sendable {
        let certificate: ParsedCertificate
        /// `BEGIN PUBLIC KEY`.
        let publicKeyPEM: String
        /// `BEGIN RSA PRIVATE KEY` (PKCS #1).
        let privateKeyPEM: String
    }

    private let authority: CertificateAuthority
    private let queues: [DispatchQueue]
    private let next = Atomic<Int>(0)

    /// AWS's device certificates begin two minutes before they are made.
    private static let backdatingSeconds: TimeInterval = 120

    init(authority: CertificateAuthority) {
        self.authority = authority
        let width = max(1, ProcessInfo.processInfo.activeProcessorCount / 2)
        self.queues = (0..<width).map { DispatchQueue(label: "roost.identity.keys.\($0)") }
    }

    /// A new RSA-2048 key and its certificate, subject `CN=AWS IoT Certificate`.
    func makeKeyPair(now: Timestamp) async throws -> KeyPair {
        try await self.onKeyQueue {
            let key = try _RSA.Signing.PrivateKey(keySize: .bits2048)
            let subject = try DistinguishedName { CommonName("AWS IoT Certificate") }
            let publicKey = Certificate.PublicKey(key.publicKey)
            let certificate = try self.sign(subject: subject, publicKey: publicKey, now: now)
            return KeyPair(
                certificate: certificate,
                publicKeyPEM: key.publicKey.pemRepresentation.endingLine,
                privateKeyPEM: key.pemRepresentation.endingLine)
        }
    }

    /// A certificate with the key and the subject of a signing request, whose signature is checked.
    func issue(signingRequest pem: String, now: Timestamp) async throws -> ParsedCertificate {
        try await self.onKeyQueue {
            let request = try Self.parse(signingRequest: pem)
            guard DeviceKey.isAccepted(request.publicKey) else {
                throw AWSError.invalidRequest("The certificate signing request cannot be used: \(DeviceKey.requirement)")
            }
            guard request.publicKey.isValidSignature(request.signature, for: request) else {
                throw AWSError.invalidRequest(
                    "The certificate signing request is not signed with the private key that belongs to its public key")
            }
            return try self.sign(subject: request.subject, publicKey: request.publicKey, now: now)
        }
    }

    private static func parse(signingRequest pem: String) throws(AWSError) -> CertificateSigningRequest {
        do {
            var document = try PEMDocument(pemString: pem)
            // What older tools write, Java's keytool among them.
            if document.discriminator == "NEW CERTIFICATE REQUEST" {
                document.discriminator = CertificateSigningRequest.defaultPEMDiscriminator
            }
            return try CertificateSigningRequest(pemDocument: document)
        } catch {
            throw .invalidRequest("The certificate signing request is not usable PEM-encoded PKCS #10: \(X509Problem.describe(error))")
        }
    }

    private func sign(subject: DistinguishedName, publicKey: Certificate.PublicKey, now: Timestamp) throws -> ParsedCertificate {
        let certificate = try self.authority.sign(
            subject: subject, publicKey: publicKey,
            from: now.date.addingTimeInterval(-Self.backdatingSeconds), until: CertificateValidity.endOfIssued,
            extensions: try Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                SubjectKeyIdentifier(hash: publicKey)
                AuthorityKeyIdentifier(
                    keyIdentifier: try self.authority.certificate.extensions.subjectKeyIdentifier?.keyIdentifier)
            })
        return try ParsedCertificate(made: certificate)
    }

    private func onKeyQueue<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        let turn = self.next.wrappingAdd(1, ordering: .relaxed).newValue
        let queue = self.queues[Int(turn.magnitude % UInt(self.queues.count))]
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}

extension String {
    /// PEM files end with a line feed; not every serialiser writes it.
    fileprivate var endingLine: String { self.hasSuffix("\n") ? self : self + "\n" }
}
