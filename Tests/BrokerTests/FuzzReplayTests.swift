import Foundation
import Testing

@testable import Broker

/// What the fuzzer starts from and what once broke the codec, each sent to a broker again in every build.
@Suite struct FuzzReplayTests {
    private static var inputs: [URL] {
        var root = URL(filePath: #filePath).resolvingSymlinksInPath()
        for _ in 0..<3 { root.deleteLastPathComponent() }
        return ["Seeds", "Crashers"].flatMap { folder in
            let found = try? FileManager.default.contentsOfDirectory(
                at: root.appending(components: "FuzzTesting", folder, "mqtt"), includingPropertiesForKeys: nil)
            return found ?? []
        }
    }

    @Test func seedsAreFound() { #expect(Self.inputs.count >= 10) }

    /// The first byte chooses the profile and the version, the rest is what a client sends: as it is, and after a CONNECT. Whatever it
    /// is, it ends with an answer or a closed connection, and others are served as before.
    @Test(arguments: inputs) func isAnsweredOrRefused(input: URL) async throws {
        let bytes = [UInt8](try Data(contentsOf: input))
        guard let choice = bytes.first else { return }
        let version: UInt8 = choice & 2 == 0 ? 4 : 5
        try await TestBroker.run(profile: choice & 1 == 0 ? .aws : .open) { test in
            for isConnected in [false, true] {
                let client = try await test.open()
                if isConnected { #expect(try await client.connect("fuzz", version: version).reason == 0) }
                await client.sendIfOpen(Array(bytes.dropFirst()))
                try await client.finish()
            }
            let other = try await test.open()
            #expect(try await other.connect("other").reason == 0)
            try await other.ping()
        }
    }
}
