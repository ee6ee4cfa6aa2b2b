import AWSAPI
import JSON
import Storage
import SwiftASN1
import X509

/// A device certificate that a registered CA signed.
struct RegisterCertificate: AWSOperation {
    static let route = OperationRoute(.iot, "RegisterCertificate", "POST", "/certificate/register")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificatePem: String
        let caCertificatePem: String?
        let status: CertificateStatus

        init(_ input: OperationInput) throws {
            self.certificatePem = try input.certificatePEM("certificatePem")
            self.caCertificatePem = try input.optionalString("caCertificatePem", min: 1, max: IdentityLimits.certificatePEMBytes)
            // setAsActive is the older form of the same wish.
            let setAsActive = try input.bool("setAsActive", in: .query)
            self.status = try input.registrationStatus() ?? (setAsActive ? .active : .inactive)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let certificate = try ParsedCertificate(pem: input.certificatePem, field: "certificatePem")
        try certificate.checkAlgorithms(field: "certificatePem")
        let authority = try await self.signer(of: certificate, given: input.caCertificatePem)
        let record = CertificateRecord(
            certificate, status: input.status, mode: authority.mode, caID: authority.id, now: self.identity.clock(),
            generationID: UniqueID.make())
        return try await self.identity.register(record, requiring: authority)
    }

    /// The registered CA that signed the certificate, directly.
    private func signer(of certificate: ParsedCertificate, given pem: String?) async throws -> CACertificateRecord {
        let issuer = try certificate.issuerHash()
        let candidates = try await self.identity.store.read { try CACertificateTable(connection: $0).find(subject: issuer) }
        var signers: [CACertificateRecord] = []
        for candidate in candidates {
            let authority = try Certificate(pemEncoded: candidate.pem)
            if authority.publicKey.isValidSignature(certificate.certificate.signature, for: certificate.certificate) {
                signers.append(candidate)
            }
        }
        if let pem {
            let named = try ParsedCertificate(pem: pem, field: "caCertificatePem")
            guard let signer = signers.first(where: { $0.id == named.id }) else {
                throw AWSError.certificateValidation("caCertificatePem is not registered, or did not sign the certificate")
            }
            return signer
        }
        guard let signer = signers.first else {
            throw AWSError.certificateValidation("The CA certificate that signed the certificate is not registered")
        }
        guard signers.count == 1 else {
            throw AWSError.certificateConflict(
                "More than one registered CA certificate has the same subject and public key: name the one that signed in caCertificatePem")
        }
        return signer
    }
}

extension OperationInput {
    /// The statuses that a certificate may be registered with; REGISTER_INACTIVE is the deprecated name of INACTIVE.
    func registrationStatus() throws(AWSError) -> CertificateStatus? {
        guard let word = try self.optionalWord("status", of: CertificateStatus.allCases.map(\.rawValue)) else { return nil }
        switch CertificateStatus(rawValue: word) {
        case .active: return .active
        case .inactive, .registerInactive: return .inactive
        case .revoked: return .revoked
        case .pendingTransfer, .pendingActivation, nil:
            throw .invalidRequest("A certificate cannot be registered with the status \(word)")
        }
    }
}

extension IdentityService {
    /// Stores a certificate that did not exist here before. `authority` must still be registered then.
    func register(_ record: CertificateRecord, requiring authority: CACertificateRecord?) async throws -> JSONObject {
        let arn = self.account.certificateARN(record.id)
        try await self.store.write { connection in
            let table = CertificateTable(connection: connection)
            guard try table.find(record.id) == nil else {
                throw AWSError.resourceAlreadyExists(
                    "The certificate is already provisioned or registered", resourceID: record.id, resourceARN: arn)
            }
            if let authority, try CACertificateTable(connection: connection).find(authority.id) == nil {
                throw AWSError.certificateValidation("The CA certificate that signed the certificate is not registered")
            }
            try table.insert(record)
        }
        return ["certificateArn": .string(arn), "certificateId": .string(record.id)]
    }
}
