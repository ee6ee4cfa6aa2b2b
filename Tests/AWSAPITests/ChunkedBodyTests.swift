import Crypto
import NIOCore
import Testing

@testable import AWSAPI

/// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html: 66,560 letters in two chunks.
@Suite("Bodies in chunks")
struct ChunkedBodyTests {
    private static let signatures = [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ]

    private static var chain: ChunkedBody.Chain {
        let scope = CredentialScope(day: "20130524", region: "us-east-1", service: "s3")
        return ChunkedBody.Chain(
            key: scope.signingKey(secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), stamp: "20130524T000000Z", scope: scope.text,
            last: "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
    }

    private static func body(_ chunks: [(text: String, signature: String)]) -> ByteBuffer {
        ByteBuffer(
            string: chunks.map { "\(String($0.text.utf8.count, radix: 16));chunk-signature=\($0.signature)\r\n\($0.text)\r\n" }.joined())
    }

    private static let chunks = [
        (String(repeating: "a", count: 65_536), signatures[0]), (String(repeating: "a", count: 1024), signatures[1]), ("", signatures[2]),
    ]

    @Test("each chunk's signature is checked")
    func signed() throws {
        var body = ChunkedBody(Self.body(Self.chunks), chain: Self.chain)
        #expect(try body.decoded().content == ByteBuffer(string: String(repeating: "a", count: 66_560)))
    }

    @Test("a changed chunk, a changed signature and a missing one are refused", arguments: 0..<3)
    func forged(place: Int) {
        var chunks = Self.chunks
        switch place {
        case 0: chunks[1].0 = "b" + chunks[1].0.dropFirst()
        case 1: chunks[2].1 = Self.signatures[0]
        default: chunks.remove(at: 1)
        }
        var body = ChunkedBody(Self.body(chunks), chain: Self.chain)
        #expect(throws: AWSError.signatureMismatch) { try body.decoded() }
    }

    @Test("trailers come after unsigned chunks")
    func trailers() throws {
        var body = ChunkedBody(ByteBuffer(string: "3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32: AAAA\r\n\r\n"), chain: nil)
        let (content, trailers) = try body.decoded()
        #expect(content == ByteBuffer(string: "abcde"))
        #expect(trailers.map(\.name) == ["x-amz-checksum-crc32"])
        #expect(trailers.map(\.value) == ["AAAA"])
    }

    @Test(
        "what is not in chunks is refused",
        arguments: [
            "", "abc", "5\r\nabc\r\n0\r\n\r\n", "-1\r\n\r\n", "3\nabc\n0\n\n", "3\r\nabcd\r\n0\r\n\r\n",
            "7fffffffffffffff\r\nabc\r\n", "0\r\nx\r\n\r\n",
        ])
    func malformed(text: String) {
        var body = ChunkedBody(ByteBuffer(string: text), chain: nil)
        #expect(throws: AWSError.self) { try body.decoded() }
    }
}

@Suite("Operations of S3")
struct S3RoutesTests {
    @Test(
        "path, query and headers tell them apart",
        arguments: [
            ("GET", "/", "ListBuckets"), ("GET", "/b", "ListObjects"), ("GET", "/b/?list-type=2&prefix=x", "ListObjectsV2"),
            ("GET", "/b?location", "GetBucketLocation"), ("PUT", "/b/k?partNumber=1&uploadId=2", "UploadPart"),
            ("PUT", "/b/k?x-id=PutObject", "PutObject"), ("POST", "/b/k?uploads", "CreateMultipartUpload"),
            ("HEAD", "/b//k/", "HeadObject"),
            ("GET", "/b?metrics", "ListBucketMetricsConfigurations"), ("GET", "/b?metrics&id=1", "GetBucketMetricsConfiguration"),
        ])
    func names(method: String, target: String, name: String) throws {
        #expect(try S3Routes.shared.find(APIRequest(method: method, target: target, host: "h"))?.name == name)
    }

    @Test("a key keeps its slashes, encoded or not")
    func labels() throws {
        let found = try S3Routes.shared.find(APIRequest(method: "PUT", target: "/b//a%2Fb/../%C3%A4/", host: "h"))
        #expect(found?.labels == ["Bucket": "b", "Key": "/a/b/../ä/"])
    }

    @Test("what S3 has not is nothing")
    func unknown() throws {
        #expect(try S3Routes.shared.find(APIRequest(method: "PATCH", target: "/b/k", host: "h")) == nil)
    }
}
