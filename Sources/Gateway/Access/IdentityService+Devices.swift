package import Identity

extension IdentityService: DeviceDirectory {
    package func admission(certificateID: String, serverName: String?) async throws -> DeviceAdmission {
        guard let certificate = try await self.deviceCertificate(fingerprint: certificateID) else { return .unknown }
        if let refusal = certificate.refusal(at: .now(), sentServerName: serverName != nil) { return .unusable(refusal) }
        return .admitted
    }
}
