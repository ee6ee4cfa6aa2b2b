import AWSAPI
import JSON

/// A device certificate of any signer. Its devices must name the server in the TLS handshake.
struct RegisterCertificateWithoutCA: AWSOperation {
    static let route = OperationRoute(.iot, "RegisterCertificateWithoutCA", "POST", "/certificate/register-no-ca")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificatePem: String
        let status: CertificateStatus

        init(_ input: OperationInput) throws {
            self.certificatePem = try input.certificatePEM("certificatePem")
            self.status = try input.registrationStatus() ?? .inactive
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let certificate = try ParsedCertificate(pem: input.certificatePem, field: "certificatePem")
        try certificate.checkAlgorithms(field: "certificatePem")
        let record = CertificateRecord(
            certificate, status: input.status, mode: .serverNameOnly, caID: nil, now: self.identity.clock(),
            generationID: UniqueID.make())
        return try await self.identity.register(record, requiring: nil)
    }
}
