import HTTPTypes
import JSON
import NIOCore
import Testing

@testable import AWSAPI

@Suite struct SigV4VerifierTests {
    private let verifier = makeVerifier()
    private let plain = request("POST", "/things/lamp?a=b", ["attributePayload": ["attributes": ["x": "y"]]])

    // MARK: What is accepted

    @Test(arguments: [
        "/", "/things/lamp", "/things/a%3Ab", "/things/a:b", "/topics/a%2Fb", "/topics/a/b", "/topics//a", "/topics/a/../b", "/things/",
        "/topics/%24aws%2Fthings%2Fx", "/things/gr%C3%BC%C3%9Fe", "/x?b=2&a=1&a=0", "/x?name=a%20b%2Bc&flag", "/x?q=%E2%82%AC&~=-_.",
        "/100%25",
    ])
    func whatWasSignedIsVerified(_ target: String) async throws {
        for isStandard in [true, false] {
            let signed = request("GET", target, headers: [.userAgent: "  two   blanks "]).signed(standardPath: isStandard)
            let result = try await self.verifier.verify(signed)
            #expect(result.accessKeyID == "AKIDTEST")
            #expect(result.scope == CredentialScope(day: "20260203", region: "eu-central-1", service: "iot"))
        }
    }

    @Test func aPathEncodedOnceIsVerified() async throws {
        // What a hand-written client signs: the path as it stands in the request.
        let canonicalOnce = request("GET", "/topics/a%2Fb").signed(standardPath: false)
        #expect(try await self.verifier.verify(canonicalOnce).accessKeyID == "AKIDTEST")
        // The same, sent with a raw colon where the standard's encoding has %3A.
        var rawColon = request("GET", "/things/a%3Ab").signed(standardPath: false)
        rawColon.target = "/things/a:b"
        #expect(try await self.verifier.verify(rawColon).accessKeyID == "AKIDTEST")
    }

    @Test(arguments: [
        ("localhost:4566", "localhost"), ("Host.Example", "host.example"), ("a.example", "a.example:443"), ("[::1]:80", "[::1]"),
    ])
    func theHostMayBeSignedInTheFormsThatSDKsUse(_ sent: String, _ signed: String) async throws {
        var message = self.plain
        message.host = signed
        message = message.signed()
        message.host = sent
        #expect(try await self.verifier.verify(message).accessKeyID == "AKIDTEST")
    }

    @Test func skewWithinFiveMinutesIsTolerated() async throws {
        for seconds in [-300, -1, 0, 300] {
            let signed = self.plain.signed(at: noon.advanced(bySeconds: Int64(seconds)))
            #expect(try await self.verifier.verify(signed).accessKeyID == "AKIDTEST")
        }
    }

    @Test func temporaryKeysNeedTheirToken() async throws {
        let temporary = AccessKey(id: "ASIATEST", secret: "s", sessionToken: "token", expiresAtSeconds: noon.seconds + 10)
        let clock = TestClock()
        let verifier = makeVerifier([temporary], clock: clock)
        #expect(try await verifier.verify(self.plain.signed(key: temporary)).accessKeyID == "ASIATEST")
        for token in [nil, "other", "tokem", ""] {
            let wrong = AccessKey(id: "ASIATEST", secret: "s", sessionToken: token)
            let error = await awsError { _ = try await verifier.verify(self.plain.signed(key: wrong)) }
            #expect(error == .unrecognizedClient)
        }
        clock.set(noon.advanced(bySeconds: 10))
        let error = await awsError { _ = try await verifier.verify(self.plain.signed(key: temporary)) }
        #expect(error?.name == "ExpiredTokenException")
    }

    @Test func aTokenForAPermanentKeyIsRefused() async {
        let wrong = AccessKey(id: testKey.id, secret: testKey.secret, sessionToken: "made up")
        let error = await awsError { _ = try await self.verifier.verify(self.plain.signed(key: wrong)) }
        #expect(error == .unrecognizedClient)
    }

    // MARK: What is refused

    @Test func anyChangeBreaksTheSignature() async {
        let signed = self.plain.signed()
        var changed: [APIRequest] = []
        for change: (inout APIRequest) -> Void in [
            { $0.method = "PUT" }, { $0.target = "/things/lamq?a=b" }, { $0.target = "/things/lamp?a=c" }, { $0.target = "/things/lamp" },
            { $0.target += "&c=d" }, { $0.host = "other:4566" }, { $0.body.writeString(" ") }, { $0.body.clear() },
            { $0.headers[.amzDate] = noon.advanced(bySeconds: 1).stamp },
        ] {
            var copy = signed
            change(&copy)
            changed.append(copy)
        }
        for request in changed {
            let error = await awsError { _ = try await self.verifier.verify(request) }
            #expect(error == .signatureMismatch)
        }
    }

    @Test func aChangedSignedHeaderBreaksTheSignature() async {
        var signed = request("GET", "/things", headers: [.userAgent: "a"]).signed()
        signed.headers[.userAgent] = "b"
        let error = await awsError { _ = try await self.verifier.verify(signed) }
        #expect(error?.name == "InvalidSignatureException")
        #expect(error?.status == 403)
        #expect(error?.message.hasPrefix("The request signature we calculated does not match the signature you provided.") ?? false)
    }

    @Test func aWrongSecretAndAnUnknownKeyAreToldApart() async {
        let wrong = await awsError {
            _ = try await self.verifier.verify(self.plain.signed(key: AccessKey(id: "AKIDTEST", secret: "wrong")))
        }
        #expect(wrong == .signatureMismatch)
        let unknown = await awsError {
            _ = try await self.verifier.verify(self.plain.signed(key: AccessKey(id: "AKIDNOBODY", secret: testKey.secret)))
        }
        #expect(unknown?.name == "UnrecognizedClientException")
        #expect(unknown?.message == "The security token included in the request is invalid.")
    }

    @Test func aReplayPastTheSkewIsExpired() async {
        let error = await awsError { _ = try await self.verifier.verify(self.plain.signed(at: noon.advanced(bySeconds: -301))) }
        #expect(
            error?.message
                == "Signature expired: 20260203T040005Z is now earlier than 20260203T040006Z (20260203T040506Z - 5 min.)")
        let early = await awsError { _ = try await self.verifier.verify(self.plain.signed(at: noon.advanced(bySeconds: 301))) }
        #expect(
            early?.message
                == "Signature not yet current: 20260203T041007Z is still later than 20260203T041006Z (20260203T040506Z + 5 min.)")
    }

    @Test func anotherRegionIsRefused() async {
        let error = await awsError { _ = try await self.verifier.verify(self.plain.signed(region: "us-west-2")) }
        #expect(error?.message == "Credential should be scoped to a valid region, not 'us-west-2'; this is 'eu-central-1'.")
    }

    @Test func anUnsignedRequestIsMissingItsToken() async {
        let error = await awsError { _ = try await self.verifier.verify(self.plain) }
        #expect(error == AWSError(name: "MissingAuthenticationTokenException", status: 403, message: "Missing Authentication Token"))
        var bearer = self.plain
        bearer.headers[.authorization] = "Bearer abc"
        #expect(await awsError { _ = try await self.verifier.verify(bearer) } == .missingAuthenticationToken)
    }

    @Test(arguments: [
        ("AWS4-HMAC-SHA256 Credential", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=a/20260203/eu-central-1/iot/aws4_request, SignedHeaders=host", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 Credential=a/20260203/eu-central-1/iot/aws5, SignedHeaders=host, Signature=00", "InvalidSignatureException"),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260204/eu-central-1/iot/aws4_request, SignedHeaders=host, Signature=00",
            "InvalidSignatureException"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260203/eu-central-1/iot/aws4_request, SignedHeaders=x, Signature=00",
            "InvalidSignatureException"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260203/eu-central-1/iot/aws4_request, SignedHeaders=host, Signature=zz",
            "InvalidSignatureException"
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260203/eu-central-1/iot/aws4_request, SignedHeaders=host, Signature=",
            "InvalidSignatureException"
        ),
    ])
    func halfASignatureSaysWhatIsMissing(_ authorization: String, _ name: String) async {
        var request = self.plain
        request.headers[.authorization] = authorization
        request.headers[.amzDate] = noon.stamp
        let error = await awsError { _ = try await self.verifier.verify(request) }
        #expect(error?.name == name)
    }

    @Test func aMissingDateSaysSo() async {
        var request = self.plain.signed()
        request.headers[.amzDate] = nil
        let error = await awsError { _ = try await self.verifier.verify(request) }
        #expect(
            error?.message
                == "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256")
    }

    // MARK: Unsigned payloads

    @Test func unsignedPayloadsNeedTheServicesConsentTLSAndASignedHeader() async throws {
        var request = self.plain
        request.headers[.amzContentSHA256] = "UNSIGNED-PAYLOAD"
        request = request.signed()
        request.body.writeString("more")
        request.isSecure = true
        #expect(try await self.verifier.verify(request, allowsUnsignedPayload: { $0 == "iot" }).accessKeyID == "AKIDTEST")
        #expect(await awsError { _ = try await self.verifier.verify(request) } == .signatureMismatch)
        request.isSecure = false
        #expect(await awsError { _ = try await self.verifier.verify(request) { _ in true } } == .signatureMismatch)
    }

    // MARK: Any credentials

    @Test func trustingModeTakesEveryWellFormedSignature() async throws {
        let trusting = makeVerifier([], trusting: true)
        let stranger = AccessKey(id: "test", secret: "test", sessionToken: "x")
        let signed = self.plain.signed(key: stranger, region: "mars-1", at: SigningTime(seconds: 0))
        #expect(try await trusting.verify(signed).accessKeyID == "test")
        #expect(await awsError { _ = try await trusting.verify(self.plain) } == .missingAuthenticationToken)
    }
}
