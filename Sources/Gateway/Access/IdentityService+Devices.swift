package import Identity

extension IdentityService: DeviceDirectory {
    package func admissionNow(certificateID: String, serverName: String?) -> DeviceAdmission? {
        self.deviceCertificateNow(fingerprint: certificateID).map { DeviceAdmission($0, serverName: serverName) }
    }

    package func admission(certificateID: String, serverName: String?) async throws -> DeviceAdmission {
        guard let certificate = try await self.deviceCertificate(fingerprint: certificateID) else { return .unknown }
        return DeviceAdmission(certificate, serverName: serverName)
    }
}

extension DeviceAdmission {
    fileprivate init(_ certificate: DeviceCertificate, serverName: String?) {
        self = certificate.refusal(at: .now(), sentServerName: serverName != nil).map(Self.unusable) ?? .admitted
    }
}
