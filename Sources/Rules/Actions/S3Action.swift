import AWSAPI
import HTTPTypes
import NIOCore

/// `s3`: the result becomes an object (S3 PutObject).
struct S3Action: RuleAction {
    static let key = "s3"
    static let failureName = "S3Action"
    /// `CannedAccessControlList` of the model.
    static let cannedACLs = [
        "private", "public-read", "public-read-write", "aws-exec-read", "authenticated-read", "bucket-owner-read",
        "bucket-owner-full-control", "log-delivery-write",
    ]
    /// Bytes of an object's key that S3 takes.
    static let maxKeyBytes = 1024

    private let bucket: SubstitutionTemplate
    private let objectKey: SubstitutionTemplate
    private let cannedACL: String?
    private let services: ActionServices
    let resource: String

    init(_ fields: ActionFields) throws(AWSError) {
        try fields.checkRole()
        self.resource = try fields.input.string("bucketName")
        self.bucket = try fields.template("bucketName")
        self.objectKey = try fields.template("key")
        self.cannedACL = try fields.input.optionalWord("cannedAcl", of: Self.cannedACLs)
        self.services = fields.services
    }

    func deliver(_ items: [ActionItem]) async -> [ActionOutcome] { await self.services.deliverEach(items, self.request) }

    private func request(_ item: ActionItem) async throws -> ServiceRequest {
        let bucket = try await item.text(self.bucket)
        let key = try await item.text(self.objectKey)
        guard !bucket.isEmpty, !bucket.contains("/") else { throw ActionProblem("The bucket's name is \"\(bucket.prefix(64))\".") }
        guard (1...Self.maxKeyBytes).contains(key.utf8.count) else {
            throw ActionProblem("The object's key has \(key.utf8.count) bytes; S3 takes 1 to \(Self.maxKeyBytes).")
        }
        var request = ServiceRequest(service: "s3", operation: "PutObject")
        request.method = "PUT"
        request.target = "/\(ServiceRequest.label(bucket))/\(ServiceRequest.label(key, keepingSlash: true))"
        request.headers[.contentType] = item.output.contentType
        request.headers[.amzACL] = self.cannedACL
        request.body = ByteBuffer(bytes: item.bytes)
        return request
    }
}
