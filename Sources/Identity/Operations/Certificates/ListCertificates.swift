import AWSAPI
import JSON
import Storage

struct ListCertificates: AWSOperation {
    static let route = OperationRoute(.iot, "ListCertificates", "GET", "/certificates")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.listing = try MarkerListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let page = try input.listing.agePage(context.pages)
        let records = try await self.identity.store.read { try CertificateTable(connection: $0).page(page, caID: nil) }
        return input.listing.output("certificates", records, context.pages, position: \.position.text) {
            $0.summary(in: context.account)
        }
    }
}

/// The certificates that one registered CA signed.
struct ListCertificatesByCA: AWSOperation {
    static let route = OperationRoute(.iot, "ListCertificatesByCA", "GET", "/certificates-by-ca/{caCertificateId}")

    let identity: IdentityService

    struct Input: OperationDecodable {
        let caCertificateID: String
        let listing: MarkerListing

        init(_ input: OperationInput) throws {
            self.caCertificateID = try input.certificateID("caCertificateId")
            self.listing = try MarkerListing(input)
        }
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        let query = [input.caCertificateID]
        let page = try input.listing.agePage(context.pages, query: query)
        let records = try await self.identity.store.read {
            try CertificateTable(connection: $0).page(page, caID: input.caCertificateID)
        }
        return input.listing.output("certificates", records, context.pages, query: query, position: \.position.text) {
            $0.summary(in: context.account)
        }
    }
}
