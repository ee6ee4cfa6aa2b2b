import NIOCore
import Testing

@testable import Gateway

/// The limits and the life of the listeners.
struct ListenerTests {
    private let everybody = ScriptedDirectory { _, _ in .admitted }

    @Test func anAddressHasOnlySoManyConnections() async throws {
        var limits = GatewayLimits()
        limits.maxConnectionsPerAddress = 2
        try await TestGateway.run(directory: self.everybody, limits: limits) { running in
            let address = try running.address(.mqtt)
            let first = try await TLSClient.openPlain(address)
            first.send(TLSClient.connect)
            _ = try await first.receive(4)
            let second = try await TLSClient.openPlain(address)
            second.send(ByteBuffer(bytes: [0x10]))
            let third = try await TLSClient.openPlain(address)
            try await third.waitUntilClosed()
            // A place that was given up can be taken again.
            await second.close()
            while running.gateway.connectionCount > 1 { await Task.yield() }
            let fourth = try await TLSClient.openPlain(address)
            fourth.send(TLSClient.connect)
            #expect(try await fourth.receive(4)[0] == 0x20)
            await first.close()
            await fourth.close()
        }
    }

    @Test func theTotalIsBounded() async throws {
        var limits = GatewayLimits()
        limits.maxConnections = 0
        try await TestGateway.run(directory: self.everybody, limits: limits) { running in
            try await TLSClient.openPlain(try running.address(.mqtt)).waitUntilClosed()
            #expect(running.gateway.connectionCount == 0)
        }
    }

    @Test(arguments: [Listener.Kind.mqtts, .https])
    func aHandshakeHasADeadline(_ kind: Listener.Kind) async throws {
        var limits = GatewayLimits()
        limits.handshakeTimeout = .milliseconds(50)
        try await TestGateway.run(directory: self.everybody, limits: limits) { running in
            let client = try await TLSClient.openPlain(try running.address(kind))
            client.send(ByteBuffer(bytes: [0x16, 3, 1]))
            try await client.waitUntilClosed()
        }
    }

    @Test func aLookUpThatHangsDoesNotHoldTheDeadlineUp() async throws {
        var limits = GatewayLimits()
        limits.handshakeTimeout = .milliseconds(50)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let hanging = ScriptedDirectory { _, _ in
            for await _ in released {}
            return .admitted
        }
        try await TestGateway.run(directory: hanging, limits: limits) { running in
            let client = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            client.send(TLSClient.connect)
            await #expect(throws: (any Error).self) { try await client.receive(1) }
            release.finish()
        }
    }

    @Test func aPortInUseSaysWhatToDo() async throws {
        try await TestGateway.run(directory: self.everybody) { running in
            let port = try #require(try running.address(.mqtts).port)
            let error = await #expect(throws: ListenerError.self) {
                _ = try await running.gateway.start(host: "127.0.0.1", ports: .init(mqtts: port, https: nil, mqtt: nil))
            }
            #expect(error?.isInUse == true)
            #expect(error?.description.contains("\(port)") == true)
            #expect(error?.description.contains("--mqtts-port") == true)
        }
    }

    @Test func aReloadServesNewConnectionsAndKeepsOldOnes() async throws {
        try await TestGateway.run(directory: self.everybody) { running in
            let old = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            old.send(TLSClient.connect)
            _ = try await old.receive(4)
            try running.tls.reload(running.credentials)
            let new = try await TLSClient.open(running, .mqtts, identity: running.credentials)
            new.send(ByteBuffer(bytes: Array(TLSClient.connect.readableBytesView.dropLast(4)) + Array("next".utf8)))
            #expect(try await new.receive(4)[0] == 0x20)
            #expect(old.channel.isActive)
            await old.close()
            await new.close()
        }
    }

    @Test func stoppingTwiceIsStoppingOnce() async throws {
        try await TestGateway.run(directory: self.everybody) { running in
            let client = try await TLSClient.open(running, .https, identity: nil, alpn: ["http/1.1"])
            client.send(ByteBuffer(string: "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"))
            #expect(String(decoding: try await client.receive(15), as: UTF8.self).hasPrefix("HTTP/1.1 200"))
            await running.gateway.stopAccepting()
            await running.gateway.stopAccepting()
            try await client.waitUntilClosed()
            await running.gateway.drainRequests()
        }
    }
}
