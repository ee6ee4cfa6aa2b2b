import AWSAPI
import HTTPTypes
import JSON
import NIOCore
import Storage

/// The bucket that an operation is about.
struct S3BucketInput: OperationDecodable {
    let bucket: String
    let rawBody: ByteBuffer

    init(_ input: OperationInput) throws {
        self.bucket = try input.string("Bucket", in: .label)
        self.rawBody = input.rawBody
    }
}

struct S3CreateBucket: AWSOperation {
    static let route = OperationRoute(.s3, "CreateBucket", "PUT", "/{Bucket}")
    /// Where creating one's own bucket again is a success.
    static let forgivingRegion = "us-east-1"

    let s3: S3Service

    func handle(_ input: S3BucketInput, _ context: OperationContext) async throws -> OperationOutput {
        if input.rawBody.readableBytes > 0 {
            guard let configuration = XMLElement(parsing: input.rawBody) else { throw S3Error.malformedXML }
            let place = configuration["LocationConstraint"]?.text ?? ""
            guard place.isEmpty || place == self.s3.account.region else {
                throw AWSError(
                    name: "IllegalLocationConstraintException", status: 400,
                    message: "The \(place) location constraint is incompatible for the region specific endpoint this request was sent to.")
            }
        }
        let isNew = try await self.s3.create(input.bucket)
        guard isNew || self.s3.account.region == Self.forgivingRegion else {
            throw AWSError(
                name: "BucketAlreadyOwnedByYou", status: 409,
                message: "Your previous request to create the named bucket succeeded and you already own it.",
                extra: ["BucketName": .string(input.bucket)])
        }
        return S3Output.empty(headers: [.location: "/\(input.bucket)"])
    }
}

struct S3DeleteBucket: AWSOperation {
    static let route = OperationRoute(.s3, "DeleteBucket", "DELETE", "/{Bucket}")

    let s3: S3Service

    func handle(_ input: S3BucketInput, _ context: OperationContext) async throws -> OperationOutput {
        try await self.s3.deleteBucket(input.bucket)
        return S3Output.empty(status: 204)
    }
}

struct S3HeadBucket: AWSOperation {
    static let route = OperationRoute(.s3, "HeadBucket", "HEAD", "/{Bucket}")

    let s3: S3Service

    func handle(_ input: S3BucketInput, _ context: OperationContext) async throws -> OperationOutput {
        _ = try await self.s3.bucket(input.bucket)
        var headers = HTTPFields()
        headers[named: "x-amz-bucket-region"] = self.s3.account.region
        return S3Output.empty(headers: headers)
    }
}

struct S3GetBucketLocation: AWSOperation {
    static let route = OperationRoute(.s3, "GetBucketLocation", "GET", "/{Bucket}?location")

    let s3: S3Service

    func handle(_ input: S3BucketInput, _ context: OperationContext) async throws -> OperationOutput {
        _ = try await self.s3.bucket(input.bucket)
        // The oldest region has no name here.
        let region = self.s3.account.region
        return S3Output.document("LocationConstraint", region == "us-east-1" ? "" : XMLText.escaped(region))
    }
}

struct S3ListBuckets: AWSOperation {
    static let route = OperationRoute(.s3, "ListBuckets", "GET", "/")

    struct Input: OperationDecodable {
        let prefix: String
        let after: String
        let limit: Int

        init(_ input: OperationInput) throws {
            self.prefix = try input.optionalString("prefix", in: .query) ?? ""
            self.after = try input.optionalString("continuation-token", in: .query) ?? ""
            self.limit = try input.optionalInt("max-buckets", in: .query, range: 1...10_000) ?? 10_000
        }
    }

    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        let limit = self.s3.limits.maxTargets
        let all = try await self.s3.store.read { try ObjectTable(connection: $0).buckets(limit: limit) }
        let found = all.filter { $0.name.hasPrefix(input.prefix) && $0.name > input.after }
        let page = found.prefix(input.limit)
        let buckets = page.map { bucket in
            "<Bucket><Name>\(bucket.name)</Name><CreationDate>\(S3Output.time(bucket.createdAt))</CreationDate></Bucket>"
        }
        let more = found.count > page.count ? "<ContinuationToken>\(page.last?.name ?? "")</ContinuationToken>" : ""
        return S3Output.document(
            "ListAllMyBucketsResult", "<Owner><ID>\(context.account.account)</ID></Owner><Buckets>\(buckets.joined())</Buckets>\(more)")
    }
}
