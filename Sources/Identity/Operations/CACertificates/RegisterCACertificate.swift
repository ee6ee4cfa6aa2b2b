import AWSAPI
import JSON
import Logging
import Storage
import X509

/// Registers a CA whose device certificates may then be registered.
struct RegisterCACertificate: AWSOperation {
    static let route = OperationRoute(.iot, "RegisterCACertificate", "POST", "/cacertificate")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let caCertificate: String
        let verificationCertificate: String?
        let setAsActive: Bool
        let allowAutoRegistration: Bool
        let registrationConfig: RegistrationConfig?
        let tags: [Tag]
        let mode: CertificateMode

        init(_ input: OperationInput) throws {
            self.caCertificate = try input.certificatePEM("caCertificate")
            self.verificationCertificate = try input.optionalString(
                "verificationCertificate", min: 1, max: IdentityLimits.certificatePEMBytes)
            self.setAsActive = try input.bool("setAsActive", in: .query)
            self.allowAutoRegistration = try input.bool("allowAutoRegistration", in: .query)
            self.registrationConfig = try RegistrationConfig.read(input)
            self.tags = try Tag.readOptionalList(input)
            let mode = try input.optionalWord("certificateMode", of: ["DEFAULT", "SNI_ONLY"])
            self.mode = mode == "SNI_ONLY" ? .serverNameOnly : .standard
            switch self.mode {
            case .standard:
                guard self.verificationCertificate != nil else {
                    throw AWSError.invalidRequest("A verificationCertificate is required when certificateMode is DEFAULT")
                }
            case .serverNameOnly:
                guard self.verificationCertificate == nil else {
                    throw AWSError.invalidRequest("The verificationCertificate must be empty when certificateMode is SNI_ONLY")
                }
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let now = self.identity.clock()
        let authority = try self.checkedAuthority(input, now: now)
        let verificationName = try input.verificationCertificate.map {
            try self.commonName(ofVerification: $0, signedBy: authority, now: now)
        }
        try input.registrationConfig?.checkTemplate()
        var record = try CACertificateRecord(authority, mode: input.mode, now: now, generationID: UniqueID.make())
        record.status = input.setAsActive ? .active : .inactive
        record.autoRegistration = input.allowAutoRegistration ? .enable : .disable
        record.registrationConfig = input.registrationConfig.map { JSONValue.object($0.json).serialized() }
        if input.registrationConfig != nil { context.warnOfProvisioning() }
        let stored = record
        let arn = context.account.caCertificateARN(record.id)
        try await self.identity.store.write { connection in
            if input.mode == .standard {
                // Neither a code nor a common name would be the same nothing.
                guard let code = try RegistrationCode.find(in: connection), code == verificationName else {
                    throw AWSError.registrationCodeValidation(
                        "The common name of the verification certificate is not this account's registration code (GetRegistrationCode)")
                }
            }
            try Self.insert(stored, arn: arn, in: connection)
            try TagTable(connection: connection).set(input.tags, on: "cacert/\(stored.id)")
        }
        return ["certificateArn": .string(arn), "certificateId": .string(record.id)]
    }

    private static func insert(_ record: CACertificateRecord, arn: String, in connection: any StoreConnection) throws {
        let table = CACertificateTable(connection: connection)
        guard try table.find(record.id) == nil else {
            throw AWSError.resourceAlreadyExists(
                "The CA certificate is already registered", resourceID: record.id, resourceARN: arn)
        }
        guard try table.find(subject: record.subject).count < IdentityLimits.certificateAuthoritiesPerSubject else {
            throw AWSError.limitExceeded(
                "\(IdentityLimits.certificateAuthoritiesPerSubject) CA certificates with the same subject are already registered")
        }
        try table.insert(record)
    }

    private func checkedAuthority(_ input: Input, now: Timestamp) throws -> ParsedCertificate {
        let authority = try ParsedCertificate(pem: input.caCertificate, field: "caCertificate")
        guard authority.isAuthority else {
            throw AWSError.certificateValidation("caCertificate is not the certificate of a CA (basic constraints, RFC 5280 §4.2.1.9)")
        }
        try authority.checkAlgorithms(field: "caCertificate")
        guard authority.notAfter >= now else {
            throw AWSError.certificateValidation("caCertificate expired at \(authority.notAfter.date)")
        }
        return authority
    }

    /// The common name of a verification certificate that the CA signed.
    private func commonName(ofVerification pem: String, signedBy authority: ParsedCertificate, now: Timestamp) throws -> String? {
        let verification = try ParsedCertificate(pem: pem, field: "verificationCertificate")
        guard authority.certificate.publicKey.isValidSignature(verification.certificate.signature, for: verification.certificate) else {
            throw AWSError.certificateValidation("verificationCertificate is not signed with the private key of caCertificate")
        }
        guard verification.notAfter >= now else {
            throw AWSError.certificateValidation("verificationCertificate expired at \(verification.notAfter.date)")
        }
        return CertificateAttributes(verification.certificate).subject.names[.commonName]?.first
    }
}

extension OperationContext {
    /// What is stored is returned, but nothing acts on it.
    func warnOfProvisioning() {
        self.logger.warning(
            "registrationConfig is stored, but just-in-time provisioning is not offered: register the devices through the API")
    }
}
