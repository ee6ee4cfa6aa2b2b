import AWSAPI
import Storage

/// Changes the status of a certificate. Leaving ACTIVE ends its connections before the answer.
struct UpdateCertificate: AWSOperation {
    static let route = OperationRoute(.iot, "UpdateCertificate", "PUT", "/certificates/{certificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificateID: String
        let newStatus: CertificateStatus

        init(_ input: OperationInput) throws {
            self.certificateID = try input.certificateID("certificateId")
            let word = try input.word("newStatus", in: .query, of: CertificateStatus.allCases.map(\.rawValue))
            switch CertificateStatus(rawValue: word) {
            case .active: self.newStatus = .active
            case .inactive, .registerInactive: self.newStatus = .inactive
            case .revoked: self.newStatus = .revoked
            case .pendingTransfer, .pendingActivation, nil:
                throw AWSError.invalidRequest("The status \(word) is set by the service only")
            }
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let now = self.identity.clock()
        let changed = try await self.identity.store.write { connection in
            let table = CertificateTable(connection: connection)
            guard let found = try table.find(input.certificateID) else { throw AWSError.certificateNotFound(input.certificateID) }
            guard found.status != input.newStatus else { return false }
            guard found.status != .revoked else {
                throw AWSError.certificateState(
                    "The certificate is REVOKED, which is for good: it cannot become \(input.newStatus.rawValue)")
            }
            try table.setStatus(input.certificateID, input.newStatus, now: now)
            return true
        }
        if changed { await self.identity.certificateChanged(input.certificateID, to: input.newStatus) }
        return EmptyOutput()
    }
}
