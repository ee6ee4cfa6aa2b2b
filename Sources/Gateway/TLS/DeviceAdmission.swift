/// Whether a device's certificate lets it in now.
package enum DeviceAdmission: Sendable, Equatable {
    case admitted
    case unknown
    /// Registered, but not usable: not ACTIVE, outside its dates, or without the server name that it demands. The text is for the log.
    case unusable(String)

    var refusal: GatewayMetrics.Refusal? {
        switch self {
        case .admitted: nil
        case .unknown: .unknownCertificate
        case .unusable: .unusableCertificate
        }
    }

    var explanation: String {
        switch self {
        case .admitted: "admitted"
        case .unknown: "the certificate is not registered: register it, or check that the device has the right one"
        case .unusable(let reason): reason
        }
    }
}

/// What the listeners ask about the certificate of a device.
package protocol DeviceDirectory: Sendable {
    /// - Parameters:
    ///   - certificateID: SHA-256 of the certificate's DER form, 64 lower-case hexadecimal digits.
    ///   - serverName: the name in the client's SNI extension.
    func admission(certificateID: String, serverName: String?) async throws -> DeviceAdmission

    /// The same on an event loop, without I/O: nil when only ``admission(certificateID:serverName:)`` can tell.
    func admissionNow(certificateID: String, serverName: String?) -> DeviceAdmission?
}

extension DeviceDirectory {
    package func admissionNow(certificateID: String, serverName: String?) -> DeviceAdmission? { nil }
}
