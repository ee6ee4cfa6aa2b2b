import Broker
import Identity
import NIOCore
import NIOSSL
import Testing

@testable import Gateway

/// Who gets through the TLS handshake, over sockets. The server's own certificate serves the clients too: who signed it is not asked.
struct HandshakeTests {
    private func fingerprint(_ credentials: ServerCredentials) throws -> String {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(credentials.certificateChainPEM.utf8))
        return CertificateID.fingerprint(ofDER: try #require(chain.first).toDERBytes())
    }

    @Test func anAdmittedCertificateConnectsAsItself() async throws {
        let directory = ScriptedDirectory { _, _ in .admitted }
        try await TestGateway.run(directory: directory) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            let connack = try await client.receive(4)
            #expect(connack[0] == 0x20 && connack[3] == 0)
            let attempt = try #require(running.authorizer.seen.first)
            #expect(attempt.facts.principal == .certificate(id: try self.fingerprint(running.credentials)))
            #expect(attempt.facts.transport == .tls)
            #expect(attempt.facts.serverName == "localhost")
            #expect(attempt.facts.remoteAddress == "127.0.0.1")
            await client.close()
        }
    }

    @Test func aClientWithoutServerNameIsKnownToHaveNone() async throws {
        let directory = ScriptedDirectory { _, name in name == nil ? .admitted : .unknown }
        try await TestGateway.run(directory: directory) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials, serverName: nil)
            client.send(TLSClient.connect)
            #expect(try await client.receive(4)[0] == 0x20)
            #expect(running.authorizer.seen.first?.facts.serverName == nil)
            await client.close()
        }
    }

    @Test(arguments: [DeviceAdmission.unknown, .unusable("it is INACTIVE")])
    func anyOtherAnswerRefuses(_ admission: DeviceAdmission) async throws {
        try await TestGateway.run(directory: ScriptedDirectory { _, _ in admission }) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            await #expect(throws: (any Error).self) { try await client.receive(1) }
            #expect(running.authorizer.seen.isEmpty)
        }
    }

    @Test func whatIsKnownNeedsNoLookUp() async throws {
        let directory = ScriptedDirectory(now: .admitted) { _, _ in throw ScriptedDirectory.Broken() }
        let authorizer = RecordingAuthorizer(now: .allow(RecordingAuthorizer.AllowAll(), thingName: nil))
        try await TestGateway.run(directory: directory, authorizer: authorizer) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            let connack = try await client.receive(4)
            #expect(connack[0] == 0x20 && connack[3] == 0)
            #expect(authorizer.seen.isEmpty)
            await client.close()
        }
    }

    @Test func whoIsKnownToBeRefusedIsRefused() async throws {
        let directory = ScriptedDirectory(now: .unusable("it is INACTIVE")) { _, _ in .admitted }
        try await TestGateway.run(directory: directory) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            await #expect(throws: (any Error).self) { try await client.receive(1) }
            #expect(running.authorizer.seen.isEmpty)
        }
    }

    @Test func aConnectThatIsKnownToBeDeniedIsRefusedInMQTT() async throws {
        let directory = ScriptedDirectory(now: .admitted) { _, _ in .admitted }
        let authorizer = RecordingAuthorizer(now: .deny(reason: "a test says so"))
        try await TestGateway.run(directory: directory, authorizer: authorizer) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            #expect(try await client.receive(4)[3] == 0x87)
            #expect(authorizer.seen.isEmpty)
            try await client.waitUntilClosed()
        }
    }

    @Test func aDirectoryThatFailsRefuses() async throws {
        try await TestGateway.run(directory: ScriptedDirectory { _, _ in throw ScriptedDirectory.Broken() }) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            await #expect(throws: (any Error).self) { try await client.receive(1) }
        }
    }

    @Test(arguments: [nil, "x-amzn-mqtt-ca", "x-amzn-http-ca"] as [String?])
    func withoutACertificateNothingThatNeedsOneIsServed(_ applicationProtocol: String?) async throws {
        try await TestGateway.run(directory: ScriptedDirectory { _, _ in .admitted }) { running in
            let kind: Listener.Kind = applicationProtocol == nil ? .mqtts : .https
            let client = try await TLSClient.open(running, kind, identity: nil, alpn: applicationProtocol.map { [$0] } ?? [])
            client.send(TLSClient.connect)
            await #expect(throws: (any Error).self) { try await client.receive(1) }
            #expect(running.authorizer.seen.isEmpty)
        }
    }

    @Test func aCustomAuthorizerIsRefusedInMQTT() async throws {
        try await TestGateway.run(directory: ScriptedDirectory { _, _ in .admitted }) { running in
            let client = try await TLSClient.open(running, .https, identity: nil, alpn: ["mqtt"])
            client.send(TLSClient.connect)
            #expect(try await client.receive(5) == [0x20, 3, 0, 0x87, 0])
            try await client.waitUntilClosed()
        }
    }
}
