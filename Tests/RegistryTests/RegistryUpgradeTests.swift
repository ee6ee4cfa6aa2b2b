import AWSAPI
import Foundation
import Identity
import JSON
import Logging
import OperationTesting
import Storage
import Testing

@testable import Registry

@Suite("A data folder of before things were numbered")
struct RegistryUpgradeTests {
    @Test("its things, attributes and principals are there, and are found by attribute")
    func upgrade() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/roost-upgrade-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let old = try SQLiteStore.open(
            folder: folder, migrations: IdentityService.migrations + RegistryService.migrations.prefix(1), logger: logger)
        try await old.write { connection in
            for (name, value) in [("b", "x1"), ("a", "X1"), ("c", "y")] {
                try connection.execute(
                    "INSERT INTO registry_things (name, id, version) VALUES (?, ?, 3)", [.text(name), .text("id-\(name)")])
                try connection.execute(
                    "INSERT INTO registry_thing_attributes (thing, name, value) VALUES (?, 'room', ?)", [.text(name), .text(value)])
            }
            try connection.execute("INSERT INTO registry_things (name, id, version) VALUES ('bare', 'id-bare', 1)")
            try connection.execute(
                "INSERT INTO registry_thing_principals (thing, principal, kind) VALUES ('a', 'cognito/x', 'NON_EXCLUSIVE_THING')")
        }
        await old.close()

        let store = try SQLiteStore.open(
            folder: folder, migrations: IdentityService.migrations + RegistryService.migrations, logger: logger)
        let identity = try IdentityService(
            store: store, account: OperationCaller.account, folder: folder, things: RegisteredThings(),
            configuration: IdentityConfiguration(endpointAddress: { "localhost" }), logger: logger)
        let registry = RegistryService(store: store, account: OperationCaller.account, identity: identity, logger: logger)
        try await registry.start()
        // A second start indexes nothing twice.
        try await registry.start()
        let caller = OperationCaller(registry.operations)
        func names(_ query: [String: String]) async throws -> [String] {
            let answer = try await caller.call("ListThings", [:], query: query, headers: [:], body: [:])
            return try #require(answer["things"]?.arrayValue).compactMap { $0["thingName"]?.stringValue }
        }
        #expect(try await names([:]) == ["a", "b", "bare", "c"])
        #expect(try await names(["attributeName": "room", "attributeValue": "X1"]) == ["a"])
        #expect(try await names(["attributeName": "room", "attributeValue": "x", "usePrefixAttributeValue": "true"]) == ["b"])
        #expect(try await names(["attributeName": "room"]) == ["a", "b", "c"])
        let thing = try await caller.call("DescribeThing", ["thingName": "a"], query: [:], headers: [:], body: [:])
        #expect(thing["version"] == 3)
        #expect(thing["attributes"] == ["room": "X1"])
        let rows = try await store.read { try $0.query("SELECT 1 FROM registry_terms").count }
        #expect(rows == 4 * 3 + 3)
        await store.close()
    }
}
