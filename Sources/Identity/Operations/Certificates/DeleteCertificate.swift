import AWSAPI
import Storage

/// Deletes a certificate that is not ACTIVE and that nothing is attached to; `forceDelete` lets policies be attached.
struct DeleteCertificate: AWSOperation {
    static let route = OperationRoute(.iot, "DeleteCertificate", "DELETE", "/certificates/{certificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificateID: String
        let forceDelete: Bool

        init(_ input: OperationInput) throws {
            self.certificateID = try input.certificateID("certificateId")
            self.forceDelete = try input.bool("forceDelete", in: .query)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> EmptyOutput {
        let arn = context.account.certificateARN(input.certificateID)
        let target = PolicyTarget.certificate(id: input.certificateID)
        let things = self.identity.things
        try await self.identity.store.write { connection in
            let table = CertificateTable(connection: connection)
            let attachments = AttachmentTable(connection: connection)
            guard let found = try table.find(input.certificateID) else { throw AWSError.certificateNotFound(input.certificateID) }
            guard found.status != .active else {
                throw AWSError.certificateState("Certificate must be deactivated (not ACTIVE) before deletion.")
            }
            guard try !things.hasThings(target, in: connection) else {
                throw AWSError.deleteConflict("Things must be detached before deletion (arn: \(arn))")
            }
            let policies = try attachments.count(target: target)
            guard policies == 0 || input.forceDelete else {
                throw AWSError.deleteConflict("Certificate policies must be detached before deletion (arn: \(arn))")
            }
            try attachments.deleteAll(target: target)
            try table.delete(input.certificateID)
        }
        await self.identity.certificateChanged(input.certificateID, to: nil)
        return EmptyOutput()
    }
}
