import AWSAPI
import JSON
import Storage

/// A certificate for a key that the caller keeps. The same request twice gives two certificates.
struct CreateCertificateFromCsr: AWSOperation {
    static let route = OperationRoute(.iot, "CreateCertificateFromCsr", "POST", "/certificates")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let signingRequest: String
        let setAsActive: Bool

        init(_ input: OperationInput) throws {
            self.signingRequest = try input.string("certificateSigningRequest", max: IdentityLimits.signingRequestBytes)
            self.setAsActive = try input.bool("setAsActive", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        let certificate = try await self.identity.issuer.issue(signingRequest: input.signingRequest, now: now)
        let record = CertificateRecord(
            certificate, status: input.setAsActive ? .active : .inactive, mode: .standard, caID: nil, now: now,
            generationID: UniqueID.make())
        try await self.identity.store.write { try CertificateTable(connection: $0).insert(record) }
        return [
            "certificateArn": .string(context.account.certificateARN(record.id)),
            "certificateId": .string(record.id),
            "certificatePem": .string(record.pem),
        ]
    }
}
