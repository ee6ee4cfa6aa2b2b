import AWSAPI
import HTTPTypes
import JSON

/// The headers of an upload that belong to the object: they come back with its content.
enum ObjectHeaders {
    static let metadataPrefix = "x-amz-meta-"
    static let standardContentType = "binary/octet-stream"

    private static let kept = ["cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires"]
    /// What would be promised and not kept.
    private static let refused = [
        "x-amz-server-side-encryption", "x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-tagging", "x-amz-object-lock-mode", "x-amz-object-lock-legal-hold", "x-amz-object-lock-retain-until-date",
        "x-amz-website-redirect-location", "x-amz-grant-read", "x-amz-grant-read-acp", "x-amz-grant-write-acp", "x-amz-grant-full-control",
        "x-amz-write-offset-bytes",
    ]

    /// - Throws: NotImplemented for a header whose meaning this server has not, MetadataTooLarge.
    static func read(_ fields: HTTPFields) throws -> JSONObject {
        for name in Self.refused where fields[named: name] != nil { throw S3Error.notImplemented(header: name) }
        let storage = fields[named: "x-amz-storage-class"]
        guard storage == nil || storage == "STANDARD" else { throw S3Error.notImplemented(header: "x-amz-storage-class") }
        var headers: JSONObject = ["content-type": .string(Self.standardContentType)]
        for name in Self.kept {
            guard let value = fields[named: name] else { continue }
            let kept = name == "content-encoding" ? Self.withoutChunks(value) : value
            if !kept.isEmpty { headers[name] = .string(kept) }
        }
        var bytes = 0
        for field in fields where field.name.canonicalName.hasPrefix(Self.metadataPrefix) {
            let name = field.name.canonicalName
            bytes += name.utf8.count - Self.metadataPrefix.utf8.count + field.value.utf8.count
            headers[name] = .string(headers[name]?.stringValue.map { "\($0),\(field.value)" } ?? field.value)
        }
        guard bytes <= S3Limits.maxMetadataBytes else { throw S3Error.metadataTooLarge }
        if let acl = fields[.amzACL] { headers["x-amz-acl"] = .string(acl) }
        return headers
    }

    /// `aws-chunked` is of the transfer, not of the object.
    private static func withoutChunks(_ encoding: String) -> String {
        encoding.split(separator: ",").map { String($0.drop { $0 == " " }) }.filter { $0 != "aws-chunked" }.joined(separator: ",")
    }

    /// What a reader gets.
    ///
    /// - Parameter showsChecksums: they are of the whole content, and for those who ask.
    static func fields(of object: S3Object, showsChecksums: Bool) -> HTTPFields {
        var fields: HTTPFields = [.eTag: S3Output.quoted(object.etag), .lastModified: S3Output.httpTime(object.modifiedAt)]
        fields[.acceptRanges] = "bytes"
        for (name, value) in object.headers where name != "x-amz-acl" {
            if name.hasPrefix("x-amz-checksum-"), !showsChecksums { continue }
            fields[named: name] = value.stringValue
        }
        return fields
    }
}

extension S3Service.Conditions {
    init(_ fields: HTTPFields) {
        self.init(match: fields[.ifMatch], noneMatch: fields[.ifNoneMatch])
    }
}
