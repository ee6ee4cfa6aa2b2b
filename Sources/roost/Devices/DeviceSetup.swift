import AWSAPI
import HTTPTypes
import JSON

/// Sets up a device through the API of the running server. Each step may have been done before.
struct DeviceSetup: Sendable {
    let client: AWSClient
    let name: String

    struct Certificate: Sendable {
        let id: String
        let arn: String
    }

    func makePolicy(_ policy: DevicePolicy) async throws {
        let path = "/policies/\(AWSClient.pathSegment(policy.name))"
        do {
            _ = try await self.call("CreatePolicy", "POST", path, body: ["policyDocument": .string(policy.document)])
        } catch AWSClientError.service(_, let error, _) where error.name == "ResourceAlreadyExistsException" {
            guard policy.isOwn else { return }
            let found = try await self.call("GetPolicy", "GET", path)
            guard let text = found["policyDocument"]?.stringValue, policy.hasSameMeaning(as: text) else {
                throw CommandFailure(
                    .usage,
                    "The policy \(policy.name) exists with another document. Change it with CreatePolicyVersion, or delete it first.")
            }
        }
    }

    func makeThing() async throws {
        do {
            _ = try await self.call("CreateThing", "POST", self.thingPath, body: [:])
        } catch AWSClientError.service(_, let error, _) where error.name == "ResourceAlreadyExistsException" {
            // It has attributes of its own; they stay.
        }
    }

    /// An active certificate with a new key, written to the device's files at once: nobody gives the key out again.
    func makeCertificate(_ files: DeviceFiles) async throws -> Certificate {
        try files.reserve()
        do {
            let answer = try await self.call(
                "CreateKeysAndCertificate", "POST", "/keys-and-certificate", query: [QueryItem("setAsActive", "true")])
            guard let id = answer["certificateId"]?.stringValue, let arn = answer["certificateArn"]?.stringValue,
                let certificate = answer["certificatePem"]?.stringValue, let key = answer["keyPair"]?["PrivateKey"]?.stringValue
            else { throw CommandFailure(.software, "The server's answer to CreateKeysAndCertificate lacks the certificate or its key.") }
            try files.write(certificate: certificate, key: key)
            return Certificate(id: id, arn: arn)
        } catch {
            files.release()
            throw error
        }
    }

    /// The certificate whose files are there already.
    func findCertificate(_ id: String, files: DeviceFiles) async throws -> Certificate {
        do {
            let answer = try await self.call("DescribeCertificate", "GET", "/certificates/\(id)")
            guard let arn = answer["certificateDescription"]?["certificateArn"]?.stringValue else {
                throw CommandFailure(.software, "The server's answer to DescribeCertificate lacks the ARN.")
            }
            return Certificate(id: id, arn: arn)
        } catch AWSClientError.service(_, let error, _) where error.name == "ResourceNotFoundException" {
            throw CommandFailure(
                .cannotCreate,
                "\(files.certificatePath) is the certificate of a device of another server. Remove it and \(files.keyPath), or choose "
                    + "another folder with --out.")
        }
    }

    func attach(_ certificate: Certificate, to policy: DevicePolicy) async throws {
        _ = try await self.call(
            "AttachPolicy", "PUT", "/target-policies/\(AWSClient.pathSegment(policy.name))", body: ["target": .string(certificate.arn)])
        var headers = HTTPFields()
        if let header = HTTPField.Name("x-amzn-principal") { headers[header] = certificate.arn }
        _ = try await self.call("AttachThingPrincipal", "PUT", "\(self.thingPath)/principals", headers: headers)
    }

    private var thingPath: String { "/things/\(AWSClient.pathSegment(self.name))" }

    private func call(
        _ operation: String, _ method: String, _ path: String, query: [QueryItem] = [], headers: HTTPFields = [:], body: JSONObject? = nil
    ) async throws -> JSONValue {
        try await self.client.call(
            service: "iot", operation: operation, method: method, path: path, query: query, headers: headers,
            body: body.map(JSONValue.object))
    }
}
