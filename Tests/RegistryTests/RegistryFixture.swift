import AWSAPI
import Foundation
import HTTPTypes
import Identity
import JSON
import Logging
import NIOCore
import Storage
import Testing

@testable import Registry

/// The registry and the identity room on one in-memory store, and their operations by name.
final class RegistryFixture: Sendable {
    static let account = AccountContext(region: "eu-west-1", account: "123456789012")

    let folder: String
    let identity: IdentityService
    let registry: RegistryService
    private let pageKey = PageTokens.Key.random()

    init() throws {
        self.folder = FileManager.default.temporaryDirectory.path + "/roost-registry-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let store = try SQLiteStore.inMemory(migrations: IdentityService.migrations + RegistryService.migrations, logger: logger)
        self.identity = try IdentityService(
            store: store, account: Self.account, folder: self.folder, things: RegisteredThings(),
            configuration: IdentityConfiguration(endpointAddress: { "localhost" }), logger: logger)
        self.registry = RegistryService(store: store, account: Self.account, identity: self.identity)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    /// Runs an operation as the endpoint does after it has matched the route.
    @discardableResult
    func call(
        _ name: String, _ labels: [String: String] = [:], query: [String: String] = [:], principal: String? = nil, body: JSONObject = [:]
    ) async throws -> JSONValue {
        let operations = self.registry.operations + self.identity.operations
        let operation = try #require(operations.first { type(of: $0).route.name == name })
        var headers = HTTPFields()
        headers[.amznPrincipal] = principal
        let input = OperationInput(
            labels: labels, query: query.map { QueryItem($0.key, $0.value) }, headers: headers,
            rawBody: ByteBuffer(bytes: JSONValue.object(body).serializedBytes()))
        return try await Self.run(operation, input, self.context(name))
    }

    private static func run<Operation: AWSOperation>(
        _ operation: Operation, _ input: OperationInput, _ context: OperationContext
    ) async throws -> JSONValue {
        let output = try await operation.handle(Operation.Input(input), context).encoded()
        guard case .json(let object) = output.body else { return .null }
        return .object(object)
    }

    private func context(_ name: String) -> OperationContext {
        OperationContext(
            requestID: "r", traceID: "t", account: Self.account, caller: .accessKey(id: "AKIATEST"), remoteAddress: nil, isSecure: true,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            pages: PageTokens(key: self.pageKey, operation: "iot:\(name)"))
    }

    static func arn(_ resource: String) -> String { Self.account.arn(service: "iot", resource) }

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

/// Expects an exception of the API, by name and, where it matters to clients, by text.
func expectError(
    _ name: String, _ message: String? = nil, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> some Any
) async {
    do {
        _ = try await body()
        Issue.record("\(name) was expected, but the call succeeded", sourceLocation: sourceLocation)
    } catch let error as AWSError {
        #expect(error.name == name, "\(error)", sourceLocation: sourceLocation)
        if let message { #expect(error.message == message, sourceLocation: sourceLocation) }
    } catch {
        Issue.record("\(name) was expected, not \(error)", sourceLocation: sourceLocation)
    }
}
