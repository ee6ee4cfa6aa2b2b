import AWSAPI
import Foundation
import Storage

/// What both ListObjects take.
struct S3ListInput {
    let bucket: String
    var query = ObjectListing.Query()
    let isEncoded: Bool
    let delimiter: String?

    init(_ input: OperationInput) throws {
        self.bucket = try input.string("Bucket", in: .label)
        self.delimiter = try input.optionalString("delimiter", in: .query)
        self.query.prefix = try input.optionalString("prefix", in: .query) ?? ""
        self.query.delimiter = self.delimiter ?? ""
        let limit = try input.optionalInt("max-keys", in: .query, range: 0...Int(Int32.max)) ?? S3Limits.maxKeysOfPage
        self.query.limit = min(limit, S3Limits.maxKeysOfPage)
        self.isEncoded = try input.optionalWord("encoding-type", in: .query, of: ["url"]) != nil
    }

    func text(_ text: String) -> String {
        self.isEncoded ? ServiceRequest.label(text, keepingSlash: true) : XMLText.escaped(text)
    }

    func element(_ name: String, _ value: String?) -> String { value.map { "<\(name)>\(self.text($0))</\(name)>" } ?? "" }

    /// What both answer.
    ///
    /// - Parameter owner: the account's id, for those who are to be told.
    func content(_ listing: ObjectListing, owner: String?) -> String {
        let owner = owner.map { "<Owner><ID>\($0)</ID></Owner>" } ?? ""
        let objects = listing.objects.map { object in
            "<Contents>\(self.element("Key", object.key))<LastModified>\(S3Output.time(object.modifiedAt))</LastModified>"
                + "<ETag>&quot;\(object.etag)&quot;</ETag><Size>\(object.bytes)</Size>\(owner)<StorageClass>STANDARD</StorageClass></Contents>"
        }
        let prefixes = listing.prefixes.map { "<CommonPrefixes>\(self.element("Prefix", $0))</CommonPrefixes>" }
        return "<Name>\(self.bucket)</Name><Prefix>\(self.text(self.query.prefix))</Prefix><MaxKeys>\(self.query.limit)</MaxKeys>"
            + "\(self.element("Delimiter", self.delimiter))\(self.isEncoded ? "<EncodingType>url</EncodingType>" : "")"
            + "<IsTruncated>\(listing.next != nil)</IsTruncated>\(objects.joined())\(prefixes.joined())"
    }
}

extension S3Service {
    func list(_ bucket: String, _ query: ObjectListing.Query) async throws -> ObjectListing {
        try await self.store.read { connection in
            let table = ObjectTable(connection: connection)
            _ = try table.existing(bucket)
            return try ObjectListing.page(of: bucket, query, table)
        }
    }
}

struct S3ListObjects: AWSOperation {
    static let route = OperationRoute(.s3, "ListObjects", "GET", "/{Bucket}")

    struct Input: OperationDecodable {
        var list: S3ListInput

        init(_ input: OperationInput) throws {
            self.list = try S3ListInput(input)
            self.list.query.after = try input.optionalString("marker", in: .query)
        }
    }

    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        let listing = try await self.s3.list(input.list.bucket, input.list.query)
        // Without a delimiter the last key is the next marker.
        let next = input.list.delimiter == nil ? nil : listing.next
        return S3Output.document(
            "ListBucketResult",
            "<Marker>\(input.list.text(input.list.query.after ?? ""))</Marker>\(input.list.element("NextMarker", next))"
                + input.list.content(listing, owner: context.account.account))
    }
}

struct S3ListObjectsV2: AWSOperation {
    static let route = OperationRoute(.s3, "ListObjectsV2", "GET", "/{Bucket}?list-type=2")

    struct Input: OperationDecodable {
        var list: S3ListInput
        let token: String?
        let startAfter: String?
        let wantsOwner: Bool

        init(_ input: OperationInput) throws {
            self.list = try S3ListInput(input)
            self.token = try input.optionalString("continuation-token", in: .query)
            self.startAfter = try input.optionalString("start-after", in: .query)
            self.wantsOwner = try input.bool("fetch-owner", in: .query)
            self.list.query.after = self.startAfter
            if let token {
                guard let data = Data(base64Encoded: token), let key = String(validating: data, as: UTF8.self) else {
                    throw S3Error.invalidArgument("The continuation token provided is incorrect", name: "continuation-token", value: token)
                }
                self.list.query.after = key
            }
        }
    }

    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        let listing = try await self.s3.list(input.list.bucket, input.list.query)
        let token = input.token.map { "<ContinuationToken>\(XMLText.escaped($0))</ContinuationToken>" } ?? ""
        let next = listing.next.map { "<NextContinuationToken>\(Data($0.utf8).base64EncodedString())</NextContinuationToken>" } ?? ""
        return S3Output.document(
            "ListBucketResult",
            "<KeyCount>\(listing.objects.count + listing.prefixes.count)</KeyCount>\(token)\(next)"
                + input.list.element("StartAfter", input.startAfter)
                + input.list.content(listing, owner: input.wantsOwner ? context.account.account : nil))
    }
}
