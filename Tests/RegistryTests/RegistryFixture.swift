import Foundation
import Identity
import JSON
import Logging
import OperationTesting
import Storage
import Testing

@testable import Registry

/// The registry and the identity room on one in-memory store, and their operations by name.
final class RegistryFixture: Sendable {
    let folder: String
    let identity: IdentityService
    let registry: RegistryService
    private let caller: OperationCaller

    init(
        settings: RegistryOptions = RegistryOptions(), clock: @escaping @Sendable () -> Int64 = { Timestamp.now().milliseconds },
        publish: @escaping RegistryService.Publish = { _, _ in }
    ) throws {
        self.folder = FileManager.default.temporaryDirectory.path + "/roost-registry-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try SQLiteStore.inMemory(migrations: IdentityService.migrations + RegistryService.migrations, logger: logger)
        self.identity = try IdentityService(
            store: store, account: OperationCaller.account, folder: self.folder, things: RegisteredThings(),
            configuration: IdentityConfiguration(endpointAddress: { "localhost" }), logger: logger)
        self.registry = RegistryService(
            store: store, account: OperationCaller.account, identity: self.identity, publish: publish, settings: settings, logger: logger,
            clock: clock)
        self.caller = OperationCaller(self.registry.operations + self.identity.operations)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    @discardableResult
    func call(
        _ name: String, _ labels: [String: String] = [:], query: [String: String] = [:], principal: String? = nil, body: JSONObject = [:]
    ) async throws -> JSONValue {
        let headers = principal.map { ["x-amzn-principal": $0] } ?? [:]
        return try await self.caller.call(name, labels, query: query, headers: headers, body: body)
    }

    @discardableResult
    func createThing(_ name: String, _ attributes: JSONObject? = nil) async throws -> JSONValue {
        var body: JSONObject = [:]
        body["attributePayload"] = attributes.map { ["attributes": .object($0)] }
        return try await self.call("CreateThing", ["thingName": name], body: body)
    }

    /// The ARN of a new, ACTIVE certificate.
    func createCertificate() async throws -> String {
        let created = try await self.call("CreateKeysAndCertificate", query: ["setAsActive": "true"])
        return try #require(created["certificateArn"]?.stringValue)
    }

    func attach(_ principal: String, to thing: String, _ kind: String? = nil) async throws {
        var query: [String: String] = [:]
        query["thingPrincipalType"] = kind
        try await self.call("AttachThingPrincipal", ["thingName": thing], query: query, principal: principal)
    }

    /// All values of a listing's pages; `key` for lists of objects.
    func pages(
        _ name: String, _ list: String, _ key: String? = nil, _ labels: [String: String] = [:], query: [String: String] = [:],
        principal: String? = nil, size: Int
    ) async throws -> [String] {
        var result: [String] = []
        var query = query
        query["maxResults"] = "\(size)"
        repeat {
            let page = try await self.call(name, labels, query: query, principal: principal)
            let items = try #require(page[list]?.arrayValue)
            #expect(items.count <= size)
            result += items.compactMap { item in key.map { item[$0]?.stringValue } ?? item.stringValue }
            query["nextToken"] = page["nextToken"]?.stringValue
        } while query["nextToken"] != nil && result.count < 1_000
        return result
    }
}
