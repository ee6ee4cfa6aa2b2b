import AWSAPI
import JSON

/// Where devices connect. Every endpoint type is served by the same address here.
struct DescribeEndpoint: AWSOperation {
    static let route = OperationRoute(.iot, "DescribeEndpoint", "GET", "/endpoint")

    let identity: IdentityService

    struct Input: OperationDecodable {
        init(_ input: OperationInput) throws {
            let type = try input.optionalString("endpointType", in: .query, max: 128)
            guard let type, !Self.types.contains(type) else { return }
            throw AWSError.invalidRequest("Endpoint type \(type) is invalid. Valid types are \(Self.types.joined(separator: ", "))")
        }

        private static let types = ["iot:Data", "iot:Data-ATS", "iot:CredentialProvider", "iot:Jobs"]
    }

    func handle(_ input: Input, _ context: OperationContext) async throws -> JSONObject {
        ["endpointAddress": .string(self.identity.configuration.endpointAddress())]
    }
}
