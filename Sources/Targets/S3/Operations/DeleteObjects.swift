import AWSAPI
import HTTPTypes
import NIOCore

struct S3DeleteObject: AWSOperation {
    static let route = OperationRoute(.s3, "DeleteObject", "DELETE", "/{Bucket}/{Key+}")

    struct Input: OperationDecodable {
        let bucket: String
        let key: String

        init(_ input: OperationInput) throws {
            self.bucket = try input.string("Bucket", in: .label)
            self.key = try input.string("Key", in: .label)
            if input.headers[.ifMatch] != nil { throw S3Error.notImplemented(header: "If-Match") }
        }
    }

    let s3: S3Service

    /// A key that is not there counts as deleted.
    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        _ = try await self.s3.bucket(input.bucket)
        try await self.s3.delete([input.key], in: input.bucket)
        return S3Output.empty(status: 204)
    }
}

struct S3DeleteObjects: AWSOperation {
    static let route = OperationRoute(.s3, "DeleteObjects", "POST", "/{Bucket}?delete")

    struct Input: OperationDecodable {
        let bucket: String
        let keys: [String]
        let isQuiet: Bool

        init(_ input: OperationInput) throws {
            self.bucket = try input.string("Bucket", in: .label)
            _ = try ObjectChecksum.check(input.rawBody, input.headers)
            guard let document = XMLElement(parsing: input.rawBody), document.name == "Delete" else { throw S3Error.malformedXML }
            let keys = document.all("Object").map { $0["Key"]?.text ?? "" }
            guard (1...S3Limits.maxDeletions).contains(keys.count), !keys.contains("") else { throw S3Error.malformedXML }
            self.keys = keys
            self.isQuiet = document["Quiet"]?.text == "true"
        }
    }

    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        try await self.s3.delete(input.keys, in: input.bucket)
        let deleted = input.isQuiet ? [] : input.keys.map { "<Deleted><Key>\(XMLText.escaped($0))</Key></Deleted>" }
        return S3Output.document("DeleteResult", deleted.joined())
    }
}
