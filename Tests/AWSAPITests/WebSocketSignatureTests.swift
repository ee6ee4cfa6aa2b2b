import Testing

@testable import AWSAPI

/// The presigned URLs of MQTT over WebSocket.
@Suite struct WebSocketSignatureTests {
    private let temporary = AccessKey(id: "ASIATEST", secret: "s", sessionToken: "to/ken+=")

    private func upgrade(
        _ key: AccessKey = testKey, service: String = "iotdevicegateway", expires: Int64? = 86_400,
        token: SigV4Signer.TokenPlacement = .signed,
        host: String = "localhost:8443", signedHost: String? = nil
    ) -> APIRequest {
        let target = SigV4Signer(key: key, region: account.region, service: service).presignedTarget(
            path: "/mqtt", host: signedHost ?? host, at: noon, expiresSeconds: expires, token: token)
        return APIRequest(method: "GET", target: target, host: host, isSecure: true)
    }

    @Test(arguments: ["iotdevicegateway", "iotdata"]) func bothServiceNamesAreAccepted(_ service: String) async throws {
        let result = try await makeVerifier().verifyWebSocket(self.upgrade(service: service))
        #expect(result.scope.service == service)
    }

    @Test func anotherServiceIsRefused() async {
        let error = await awsError { _ = try await makeVerifier().verifyWebSocket(self.upgrade(service: "iot")) }
        #expect(error?.name == "InvalidSignatureException")
    }

    @Test func theTokenMayBeSignedOrAppended() async throws {
        let verifier = makeVerifier([self.temporary])
        for placement in [SigV4Signer.TokenPlacement.signed, .appended] {
            #expect(try await verifier.verifyWebSocket(self.upgrade(self.temporary, token: placement)).accessKeyID == "ASIATEST")
        }
        let forged = AccessKey(id: "ASIATEST", secret: "s", sessionToken: "another")
        let error = await awsError { _ = try await verifier.verifyWebSocket(self.upgrade(forged, token: .appended)) }
        #expect(error == .unrecognizedClient)
    }

    @Test func thePortMayBeLeftOutOfWhatIsSigned() async throws {
        let result = try await makeVerifier().verifyWebSocket(self.upgrade(signedHost: "localhost"))
        #expect(result.accessKeyID == "AKIDTEST")
    }

    @Test func theURLExpires() async throws {
        let clock = TestClock(noon.advanced(bySeconds: 60))
        let verifier = makeVerifier(clock: clock)
        #expect(try await verifier.verifyWebSocket(self.upgrade(expires: 60)).accessKeyID == "AKIDTEST")
        clock.set(noon.advanced(bySeconds: 61))
        let error = await awsError { _ = try await verifier.verifyWebSocket(self.upgrade(expires: 60)) }
        #expect(error?.message.hasPrefix("Signature expired: 20260203T040506Z is now earlier than ") ?? false)
        // Without a time it is good for a day.
        clock.set(noon.advanced(bySeconds: 86_400))
        #expect(try await verifier.verifyWebSocket(self.upgrade(expires: nil)).accessKeyID == "AKIDTEST")
        clock.set(noon.advanced(bySeconds: 86_401))
        #expect(await awsError { _ = try await verifier.verifyWebSocket(self.upgrade(expires: nil)) } != nil)
    }

    @Test func aChangedURLIsRefused() async {
        var request = self.upgrade()
        request.target = request.target.replacing("X-Amz-Expires=86400", with: "X-Amz-Expires=86401")
        let error = await awsError { _ = try await makeVerifier().verifyWebSocket(request) }
        #expect(error == .signatureMismatch)
        request.target = request.target.replacing("X-Amz-Expires=86401", with: "X-Amz-Expires=0")
        let zero = await awsError { _ = try await makeVerifier().verifyWebSocket(request) }
        #expect(zero?.name == "IncompleteSignatureException")
    }

    @Test func headersMaySignTheUpgrade() async throws {
        let request = APIRequest(method: "GET", target: "/mqtt", host: "localhost:8443").signed(as: "iotdevicegateway")
        #expect(try await makeVerifier().verifyWebSocket(request).accessKeyID == "AKIDTEST")
    }

    @Test func aPartOfAPresignedQueryIsIncomplete() async {
        let request = APIRequest(method: "GET", target: "/mqtt?X-Amz-Signature=00", host: "localhost")
        let error = await awsError { _ = try await makeVerifier().verifyWebSocket(request) }
        #expect(error?.name == "IncompleteSignatureException")
    }
}
