import AWSAPI
import JSON
import Storage

struct DescribeCertificate: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeCertificate", "GET", "/certificates/{certificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificateID: String

        init(_ input: OperationInput) throws {
            self.certificateID = try input.certificateID("certificateId")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let found = try await self.identity.store.read { try CertificateTable(connection: $0).find(input.certificateID) }
        guard let found else { throw AWSError.certificateNotFound(input.certificateID) }
        return ["certificateDescription": .object(found.description(in: context.account))]
    }
}
