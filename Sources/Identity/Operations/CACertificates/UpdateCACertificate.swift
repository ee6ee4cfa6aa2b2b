import AWSAPI
import JSON
import Storage

/// Changes the status, the automatic registration or its configuration.
struct UpdateCACertificate: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateCACertificate", "PUT", "/cacertificate/{caCertificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificateID: String
        let newStatus: CACertificateStatus?
        let newAutoRegistrationStatus: AutoRegistrationStatus?
        let registrationConfig: RegistrationConfig?
        let removeAutoRegistration: Bool

        init(_ input: OperationInput) throws {
            self.certificateID = try input.certificateID("caCertificateId")
            self.newStatus = try input.optionalWord("newStatus", in: .query, of: ["ACTIVE", "INACTIVE"])
                .flatMap(CACertificateStatus.init)
            self.newAutoRegistrationStatus = try input.optionalWord("newAutoRegistrationStatus", in: .query, of: ["ENABLE", "DISABLE"])
                .flatMap(AutoRegistrationStatus.init)
            self.registrationConfig = try RegistrationConfig.read(input)
            self.removeAutoRegistration = try input.bool("removeAutoRegistration")
            guard !self.removeAutoRegistration || self.registrationConfig == nil else {
                throw AWSError.invalidRequest("removeAutoRegistration and registrationConfig cannot be given together")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.identity.clock()
        try input.registrationConfig?.checkTemplate()
        if input.registrationConfig != nil { context.warnOfProvisioning() }
        try await self.identity.store.write { connection in
            let table = CACertificateTable(connection: connection)
            guard var record = try table.find(input.certificateID) else {
                throw AWSError.caCertificateNotFound(input.certificateID)
            }
            let before = record
            if let status = input.newStatus { record.status = status }
            if let status = input.newAutoRegistrationStatus { record.autoRegistration = status }
            if let config = input.registrationConfig { record.registrationConfig = JSONValue.object(config.json).serialized() }
            if input.removeAutoRegistration {
                record.autoRegistration = .disable
                record.registrationConfig = nil
            }
            guard record != before else { return }
            record.modified = now
            record.customerVersion += 1
            try table.update(record)
        }
        return EmptyOutput()
    }
}

/// Deletes a CA that is INACTIVE. Device certificates that it signed stay registered.
struct DeleteCACertificate: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteCACertificate", "DELETE", "/cacertificate/{caCertificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificateID: String

        init(_ input: OperationInput) throws {
            self.certificateID = try input.certificateID("caCertificateId")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        try await self.identity.store.write { connection in
            let table = CACertificateTable(connection: connection)
            guard let record = try table.find(input.certificateID) else {
                throw AWSError.caCertificateNotFound(input.certificateID)
            }
            guard record.status == .inactive else {
                throw AWSError.certificateState("CA certificate must be deactivated (INACTIVE) before deletion.")
            }
            try table.delete(input.certificateID)
            try TagTable(connection: connection).deleteAll(on: "cacert/\(input.certificateID)")
        }
        return EmptyOutput()
    }
}
