import AWSAPI
import JSON
import Storage

struct DescribeCACertificate: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeCACertificate", "GET", "/cacertificate/{caCertificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let certificateID: String

        init(_ input: OperationInput) throws {
            self.certificateID = try input.certificateID("caCertificateId")
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let found = try await self.identity.store.read { try CACertificateTable(connection: $0).find(input.certificateID) }
        guard let found else { throw AWSError.caCertificateNotFound(input.certificateID) }
        var result: JSONObject = ["certificateDescription": .object(found.description(in: context.account))]
        // Absent rather than empty: Terraform takes an empty object for a difference.
        result["registrationConfig"] = try found.registrationConfig.map { try JSONValue(parsing: $0) }
        return result
    }
}

struct ListCACertificates: AWSOperation {
    static let route = OperationRoute(.iot, "ListCACertificates", "GET", "/cacertificates")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let listing: MarkerListing
        let templateName: String?

        init(_ input: OperationInput) throws {
            self.listing = try MarkerListing(input)
            self.templateName = try input.optionalString("templateName", in: .query, min: 1, max: 36, pattern: .templateName)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        // No CA can be registered with a named template (RegistrationConfig.checkTemplate), so none has this one.
        guard input.templateName == nil else { return ["certificates": []] }
        let page = try input.listing.agePage(context.pages)
        let records = try await self.identity.store.read { try CACertificateTable(connection: $0).page(page) }
        return input.listing.output("certificates", records, context.pages, position: \.position.text) { record in
            [
                "certificateArn": .string(context.account.caCertificateARN(record.id)),
                "certificateId": .string(record.id),
                "status": .string(record.status.rawValue),
                "creationDate": record.created.json,
            ]
        }
    }
}
