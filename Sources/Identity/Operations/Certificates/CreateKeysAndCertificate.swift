import AWSAPI
import JSON
import Storage

/// A new key and certificate. The private key is in this answer and nowhere else.
struct CreateKeysAndCertificate: AWSOperation {
    static let route = OperationRoute(.iot, "CreateKeysAndCertificate", "POST", "/keys-and-certificate")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let setAsActive: Bool

        init(_ input: OperationInput) throws {
            self.setAsActive = try input.bool("setAsActive", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        let pair = try await self.identity.issuer.makeKeyPair(now: now)
        let record = CertificateRecord(
            pair.certificate, status: input.setAsActive ? .active : .inactive, mode: .standard, caID: nil, now: now,
            generationID: UniqueID.make())
        try await self.identity.store.write { try CertificateTable(connection: $0).insert(record) }
        return [
            "certificateArn": .string(context.account.certificateARN(record.id)),
            "certificateId": .string(record.id),
            "certificatePem": .string(record.pem),
            "keyPair": ["PublicKey": .string(pair.publicKeyPEM), "PrivateKey": .string(pair.privateKeyPEM)],
        ]
    }
}
