import SwiftASN1
import X509

/// What the listeners ask of a device's certificate when it connects.
package struct DeviceCertificate: Sendable, Hashable {
    package let id: String
    package let status: CertificateStatus
    package let mode: CertificateMode
    package let notBefore: Timestamp
    package let notAfter: Timestamp
    package let attributes: CertificateAttributes

    init(_ record: CertificateRecord) throws {
        self.id = record.id
        self.status = record.status
        self.mode = record.mode
        self.notBefore = record.notBefore
        self.notAfter = record.notAfter
        self.attributes = CertificateAttributes(try Certificate(pemEncoded: record.pem))
    }

    /// Why the certificate may not be used now, for the log; nil when it may.
    ///
    /// - Parameter sentServerName: whether the TLS handshake named the server, which `SNI_ONLY` certificates must.
    package func refusal(at now: Timestamp, sentServerName: Bool) -> String? {
        guard self.status == .active else { return "the certificate is \(self.status.rawValue), not ACTIVE" }
        guard now >= self.notBefore else { return "the certificate is not valid before \(self.notBefore.date)" }
        guard now <= self.notAfter else { return "the certificate expired at \(self.notAfter.date)" }
        guard self.mode == .standard || sentServerName else {
            return "the certificate is in SNI_ONLY mode and the client sent no server name (SNI) in the TLS handshake"
        }
        return nil
    }
}
