import AWSAPI
import Foundation
import HTTPTypes
import JSON
import Logging
import NIOCore
import Storage
import Synchronization
import Testing

@testable import Identity

/// A service on an in-memory store and a folder of its own, and its operations by name.
final class IdentityFixture: Sendable {
    static let account = AccountContext(region: "eu-west-1", account: "123456789012")

    let folder: String
    let store: SQLiteStore
    let things = FakeThings()
    let clock = TestClock()
    let identity: IdentityService
    private let pageKey = PageTokens.Key.random()

    init(anonymousPolicies: [String] = [PolicyDocument.allowAll.text]) throws {
        self.folder = FileManager.default.temporaryDirectory.path + "/roost-identity-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.store = try SQLiteStore.inMemory(migrations: IdentityService.migrations, logger: logger)
        self.identity = try IdentityService(
            store: self.store, account: Self.account, folder: self.folder, things: self.things,
            configuration: IdentityConfiguration(endpointAddress: { "broker.example" }, anonymousPolicies: anonymousPolicies),
            logger: logger, clock: { [clock] in clock.now })
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    /// Runs an operation as the endpoint does after it has matched the route.
    @discardableResult
    func call(
        _ name: String, _ labels: [String: String] = [:], query: [String: String] = [:], headers: [String: String] = [:],
        body: JSONObject = [:]
    ) async throws -> JSONValue {
        let operation = try #require(self.identity.operations.first { type(of: $0).route.name == name })
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        let input = OperationInput(
            labels: labels, query: query.map { QueryItem($0.key, $0.value) }, headers: fields,
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
}

extension IdentityFixture {
    /// A policy of one statement. Resources get the account's prefix.
    static func document(_ effect: String = "Allow", _ action: String = "iot:*", _ resource: String = "*") -> String {
        let full = resource == "*" ? resource : Self.arn(resource)
        return #"{"Version":"2012-10-17","Statement":[{"Effect":"\#(effect)","Action":"\#(action)","Resource":"\#(full)"}]}"#
    }

    func createPolicy(_ name: String, _ document: String = IdentityFixture.document()) async throws {
        try await self.call("CreatePolicy", ["policyName": name], body: ["policyDocument": .string(document)])
    }

    func createCertificate(active: Bool = true) async throws -> String {
        let created = try await self.call(
            "CreateCertificateFromCsr", query: ["setAsActive": "\(active)"],
            body: ["certificateSigningRequest": .string(try TestCertificates.signingRequest())])
        return try #require(created["certificateId"]?.stringValue)
    }

    func attach(_ policy: String, to certificate: String) async throws {
        try await self.call("AttachPolicy", ["policyName": policy], body: ["target": .string(Self.arn("cert/\(certificate)"))])
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

/// A clock that moves only when told to; each reading is a millisecond later, so that ages differ.
final class TestClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_750_000_000_000)

    var now: Timestamp {
        Timestamp(
            milliseconds: self.milliseconds.withLock { value in
                value += 1
                return value
            })
    }

    func advance(days: Int64) {
        self.milliseconds.withLock { $0 += days * 86_400_000 }
    }
}

/// Things as a test says they are.
final class FakeThings: ThingDirectory, Sendable {
    struct State {
        var things: [String: ThingFacts] = [:]
        var attachments: [String: Set<PolicyTarget>] = [:]
        var exclusive: [PolicyTarget: String] = [:]
    }

    let state = Mutex(State())

    func thing(named name: String, in connection: any StoreConnection) throws -> ThingFacts? {
        self.state.withLock { $0.things[name] }
    }

    func isAttached(_ principal: PolicyTarget, to thing: String, in connection: any StoreConnection) throws -> Bool {
        self.state.withLock { $0.attachments[thing]?.contains(principal) ?? false }
    }

    func exclusiveThing(of principal: PolicyTarget, in connection: any StoreConnection) throws -> String? {
        self.state.withLock { $0.exclusive[principal] }
    }

    func hasThings(_ principal: PolicyTarget, in connection: any StoreConnection) throws -> Bool {
        self.state.withLock { $0.attachments.values.contains { $0.contains(principal) } || $0.exclusive[principal] != nil }
    }
}
