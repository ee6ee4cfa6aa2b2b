import Crypto
import HTTPTypes
import NIOCore
import Testing

@testable import AWSAPI

/// The published test suite of Signature Version 4 (aws-sig-v4-test-suite), and the worked examples of the documentation.
@Suite struct SigV4VectorTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        var method = "GET"
        var target = "/"
        var headers: HTTPFields = [:]
        var body = ""
        /// Whether the suite signs the path as it is.
        var isPathAsIs = false
        let signature: String

        var testDescription: String { self.name }
    }

    private static let key = AccessKey(id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    private static let time = SigningTime(stamp: "20150830T123600Z") ?? noon

    private static func fields(_ pairs: [(String, String)]) -> HTTPFields {
        HTTPFields(pairs.compactMap { pair in HTTPField.Name(pair.0).map { HTTPField(name: $0, value: pair.1) } })
    }

    static let vectors = [
        Vector(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(name: "post-vanilla", method: "POST", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Vector(
            name: "get-vanilla-query", target: "/?Param1=value1",
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        Vector(
            name: "get-vanilla-query-order-key-case", target: "/?Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Vector(
            name: "get-vanilla-query-unreserved",
            target: "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz="
                + "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        Vector(
            name: "get-vanilla-utf8-query", target: "/?ሴ=bar",
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Vector(name: "get-utf8", target: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Vector(name: "get-slash", target: "//", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(name: "get-slashes", target: "//example//", signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        Vector(name: "get-relative", target: "/example/..", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-slash-dot-slash", target: "/./", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "get-header-value-trim", headers: fields([("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")]),
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Vector(
            name: "get-header-key-duplicate",
            headers: fields([("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")]),
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Vector(
            name: "post-x-www-form-urlencoded", method: "POST",
            headers: fields([("Content-Type", "application/x-www-form-urlencoded")]), body: "Param1=value1",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    ]

    @Test(arguments: vectors) func theSignerMakesThePublishedSignature(_ vector: Vector) {
        let headers = SigV4Signer(key: Self.key, region: "us-east-1", service: "service")
            .signedHeaders(for: Self.request(vector), at: Self.time)
        #expect(headers[.authorization]?.hasSuffix("Signature=\(vector.signature)") ?? false)
        #expect(
            headers[.authorization]?.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request") ?? false)
    }

    @Test(arguments: vectors) func theVerifierAcceptsThePublishedSignature(_ vector: Vector) async throws {
        var request = Self.request(vector)
        request.headers = SigV4Signer(key: Self.key, region: "us-east-1", service: "service").signedHeaders(for: request, at: Self.time)
        let verifier = SigV4Verifier(
            credentials: StaticCredentials([Self.key]), trustAnyCredentials: false, region: "us-east-1", now: { Self.time })
        #expect(try await verifier.verify(request).accessKeyID == "AKIDEXAMPLE")
    }

    private static func request(_ vector: Vector) -> APIRequest {
        APIRequest(
            method: vector.method, target: vector.target, headers: vector.headers, host: "example.amazonaws.com",
            body: ByteBuffer(string: vector.body))
    }

    @Test func theSigningKeyOfTheDocumentation() {
        let key = CredentialScope(day: "20150830", region: "us-east-1", service: "iam").signingKey(secret: Self.key.secret)
        let hex = key.withUnsafeBytes { PercentEncoding.hex($0) }
        #expect(hex == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9")
    }

    @Test func thePresignedURLOfTheDocumentation() async throws {
        let key = AccessKey(id: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let request = APIRequest(
            method: "GET",
            target: "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
                + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            host: "examplebucket.s3.amazonaws.com")
        let clock = TestClock(SigningTime(stamp: "20130524T120000Z") ?? noon)
        let verifier = SigV4Verifier(
            credentials: StaticCredentials([key]), trustAnyCredentials: false, region: "us-east-1", now: clock.now)
        #expect(try await verifier.verify(request).scope.service == "s3")
    }
}
