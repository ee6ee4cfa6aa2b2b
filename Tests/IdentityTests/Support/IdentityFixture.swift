import AWSAPI
import Foundation
import JSON
import Logging
import OperationTesting
import Storage
import Synchronization
import Testing

@testable import Identity

/// A service on an in-memory store and a folder of its own, and its operations by name.
final class IdentityFixture: Sendable {
    static let account = OperationCaller.account

    let folder: String
    let store: SQLiteStore
    let things = FakeThings()
    let clock = TestClock()
    let identity: IdentityService
    private let caller: OperationCaller

    init(anonymousPolicies: [String] = [PolicyDocument.allowAll.text]) throws {
        self.folder = FileManager.default.temporaryDirectory.path + "/roost-identity-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        self.store = try SQLiteStore.inMemory(migrations: IdentityService.migrations, logger: logger)
        self.identity = try IdentityService(
            store: self.store, account: Self.account, folder: self.folder, things: self.things,
            configuration: IdentityConfiguration(endpointAddress: { "broker.example" }, anonymousPolicies: anonymousPolicies),
            logger: logger, clock: { [clock] in clock.now })
        self.caller = OperationCaller(self.identity.operations)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    @discardableResult
    func call(
        _ name: String, _ labels: [String: String] = [:], query: [String: String] = [:], headers: [String: String] = [:],
        body: JSONObject = [:]
    ) async throws -> JSONValue {
        try await self.caller.call(name, labels, query: query, headers: headers, body: body)
    }

    static func arn(_ resource: String) -> String { OperationCaller.arn(resource) }
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

    func principals(ofThing name: String, in connection: any StoreConnection) throws -> [PolicyTarget] {
        self.state.withLock { state in
            Array(state.attachments[name, default: []]) + state.exclusive.filter { $0.value == name }.map(\.key)
        }
    }

    func groups(ofThing name: String, in connection: any StoreConnection) throws -> [String] { [] }

    func lineage(ofGroup name: String, in connection: any StoreConnection) throws -> ThingGroupLineage? { nil }

    func hasThings(_ principal: PolicyTarget, in connection: any StoreConnection) throws -> Bool {
        self.state.withLock { $0.attachments.values.contains { $0.contains(principal) } || $0.exclusive[principal] != nil }
    }
}
