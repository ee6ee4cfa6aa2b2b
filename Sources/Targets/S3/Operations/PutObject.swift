import AWSAPI
import Foundation
import HTTPTypes
import JSON
import NIOCore

struct S3PutObject: AWSOperation {
    static let route = OperationRoute(.s3, "PutObject", "PUT", "/{Bucket}/{Key+}")

    struct Input: OperationDecodable {
        let bucket: String
        let key: String
        let upload: S3Service.Upload
        let checksums: [(name: String, value: String)]

        init(_ input: OperationInput) throws {
            self.bucket = try input.string("Bucket", in: .label)
            self.key = try input.string("Key", in: .label)
            self.checksums = try ObjectChecksum.check(input.rawBody, input.headers)
            var headers = try ObjectHeaders.read(input.headers)
            for checksum in self.checksums { headers[checksum.name] = .string(checksum.value) }
            self.upload = S3Service.Upload(
                content: input.rawBody, headers: headers, conditions: S3Service.Conditions(input.headers))
        }
    }

    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        let object = try await self.s3.put(input.upload, key: input.key, in: input.bucket, makesBucket: context.caller.isService)
        var headers: HTTPFields = [.eTag: S3Output.quoted(object.etag)]
        for checksum in input.checksums { headers[named: checksum.name] = checksum.value }
        return S3Output.empty(headers: headers)
    }
}

struct S3CopyObject: AWSOperation {
    static let route = OperationRoute(.s3, "CopyObject", "PUT", "/{Bucket}/{Key+}")

    struct Input: OperationDecodable {
        let bucket: String
        let key: String
        let source: (bucket: String, key: String)
        /// Nil when they are the source's.
        let headers: JSONObject?

        init(_ input: OperationInput) throws {
            self.bucket = try input.string("Bucket", in: .label)
            self.key = try input.string("Key", in: .label)
            let text = input.headers[named: "x-amz-copy-source"] ?? ""
            let path = text.hasPrefix("/") ? text.dropFirst() : text[...]
            let parts = path.split(separator: "/", maxSplits: 1)
            guard parts.count == 2, !path.contains("?"), let bucket = String(parts[0]).removingPercentEncoding,
                let key = String(parts[1]).removingPercentEncoding
            else {
                throw S3Error.invalidArgument(
                    "Copy Source must mention the source bucket and key: sourcebucket/sourcekey", name: "x-amz-copy-source", value: text)
            }
            self.source = (bucket, key)
            for name in ["x-amz-copy-source-if-match", "x-amz-copy-source-if-none-match", "x-amz-tagging-directive"]
            where input.headers[named: name] != nil {
                throw S3Error.notImplemented(header: name)
            }
            let replaces = input.headers[named: "x-amz-metadata-directive"] == "REPLACE"
            self.headers = replaces ? try ObjectHeaders.read(input.headers) : nil
        }
    }

    let s3: S3Service

    func handle(_ input: Input, _ context: OperationContext) async throws -> OperationOutput {
        let (source, content) = try await self.s3.content(input.source.key, in: input.source.bucket)
        let upload = S3Service.Upload(content: content, headers: input.headers ?? source.headers)
        let object = try await self.s3.put(upload, key: input.key, in: input.bucket, makesBucket: context.caller.isService)
        return S3Output.document(
            "CopyObjectResult",
            "<LastModified>\(S3Output.time(object.modifiedAt))</LastModified><ETag>&quot;\(object.etag)&quot;</ETag>")
    }
}

extension Caller {
    var isService: Bool {
        if case .service = self { true } else { false }
    }
}
