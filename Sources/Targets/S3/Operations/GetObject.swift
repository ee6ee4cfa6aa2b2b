import AWSAPI
import HTTPTypes
import NIOCore

/// What GetObject and HeadObject take.
struct S3ReadInput: OperationDecodable {
    let bucket: String
    let key: String
    let range: String?
    let conditions: S3Service.Conditions
    let wantsChecksums: Bool
    /// Headers that the reader wants otherwise (`response-content-type`).
    let overrides: [(name: String, value: String)]

    private static let overridable = [
        "content-type", "content-language", "expires", "cache-control", "content-disposition", "content-encoding",
    ]

    init(_ input: OperationInput) throws {
        self.bucket = try input.string("Bucket", in: .label)
        self.key = try input.string("Key", in: .label)
        self.range = input.headers[.range]
        self.conditions = S3Service.Conditions(input.headers)
        self.wantsChecksums = input.headers[named: "x-amz-checksum-mode"] == "ENABLED"
        self.overrides = Self.overridable.compactMap { name in input.queryValues("response-\(name)").first.map { (name, $0) } }
        if let version = input.queryValues("versionId").first, version != "null" {
            throw AWSError(name: "NoSuchVersion", status: 404, message: "The specified version does not exist: objects have no versions.")
        }
        if let part = input.queryValues("partNumber").first {
            throw S3Error.invalidArgument("Objects here have no parts.", name: "partNumber", value: part)
        }
    }

    func fields(of object: S3Object, isWhole: Bool) -> HTTPFields {
        var fields = ObjectHeaders.fields(of: object, showsChecksums: self.wantsChecksums && isWhole)
        for override in self.overrides { fields[named: override.name] = override.value }
        return fields
    }

    /// The bytes that are asked for; nil for all.
    func bytes(of object: S3Object) throws -> Range<Int>? { try ByteRange.read(self.range, length: object.bytes) }
}

struct S3GetObject: AWSOperation {
    static let route = OperationRoute(.s3, "GetObject", "GET", "/{Bucket}/{Key+}")

    let s3: S3Service

    func handle(_ input: S3ReadInput, _ context: OperationContext) async throws -> OperationOutput {
        let (object, content) = try await self.s3.content(input.key, in: input.bucket)
        let range = try input.bytes(of: object)
        return try S3HeadObject.output(input, object, range) { range in
            content.getSlice(at: content.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
        }
    }
}

struct S3HeadObject: AWSOperation {
    static let route = OperationRoute(.s3, "HeadObject", "HEAD", "/{Bucket}/{Key+}")

    let s3: S3Service

    func handle(_ input: S3ReadInput, _ context: OperationContext) async throws -> OperationOutput {
        let object = try await self.s3.object(input.key, in: input.bucket)
        let range = try input.bytes(of: object)
        var output = try Self.output(input, object, range) { _ in ByteBuffer() }
        // The endpoint leaves the body out, not its length.
        if output.status != 304 { output.headers[.contentLength] = String(range?.count ?? object.bytes) }
        return output
    }

    static func output(
        _ input: S3ReadInput, _ object: S3Object, _ range: Range<Int>?, content: (Range<Int>) -> ByteBuffer
    ) throws -> OperationOutput {
        var headers = input.fields(of: object, isWhole: range == nil)
        let contentType = headers[.contentType] ?? ObjectHeaders.standardContentType
        guard try input.conditions.allow(object) else {
            // Without checksums, which would be of a body that does not come.
            headers = ObjectHeaders.fields(of: object, showsChecksums: false)
            return OperationOutput(body: .bytes(ByteBuffer(), contentType: contentType), headers: headers, status: 304)
        }
        if let range { headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(object.bytes)" }
        return OperationOutput(
            body: .bytes(content(range ?? 0..<object.bytes), contentType: contentType), headers: headers, status: range == nil ? 200 : 206)
    }
}

/// A Range header of one range of bytes (RFC 9110 §14.1.2). Several at once are no range to S3, which gives all.
enum ByteRange {
    /// - Throws: InvalidRange when none of it is there.
    static func read(_ text: String?, length: Int) throws -> Range<Int>? {
        guard let text, text.hasPrefix("bytes=") else { return nil }
        let parts = text.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        if parts[0].isEmpty {
            guard let count = Int(parts[1]), count >= 0 else { return nil }
            guard count > 0, length > 0 else { throw S3Error.invalidRange }
            return max(0, length - count)..<length
        }
        guard let first = Int(parts[0]), first >= 0 else { return nil }
        guard let last = parts[1].isEmpty ? Int.max : Int(parts[1]), last >= first else { return nil }
        guard first < length else { throw S3Error.invalidRange }
        return first..<min(last, length - 1) + 1
    }
}
