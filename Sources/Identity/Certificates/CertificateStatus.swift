/// The status of a device certificate (reference: CertificateStatus of the `iot` model).
package enum CertificateStatus: String, Sendable, Hashable, CaseIterable {
    case active = "ACTIVE"
    case inactive = "INACTIVE"
    /// For good: no way leads back (`UpdateCertificate`).
    case revoked = "REVOKED"
    case pendingTransfer = "PENDING_TRANSFER"
    /// The deprecated alias of INACTIVE.
    case registerInactive = "REGISTER_INACTIVE"
    case pendingActivation = "PENDING_ACTIVATION"
}

/// Whether devices with the certificate must name the server in the TLS handshake.
package enum CertificateMode: String, Sendable, Hashable {
    case standard = "DEFAULT"
    case serverNameOnly = "SNI_ONLY"
}

/// The status of a registered CA certificate.
enum CACertificateStatus: String, Sendable, Hashable {
    case active = "ACTIVE"
    case inactive = "INACTIVE"
}

/// Whether unknown device certificates of a CA register themselves when they connect.
enum AutoRegistrationStatus: String, Sendable, Hashable {
    case enable = "ENABLE"
    case disable = "DISABLE"
}
