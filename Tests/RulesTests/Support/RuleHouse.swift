import AWSAPI
import AsyncHTTPClient
import Broker
import Foundation
import JSON
import Logging
import NIOCore
import NIOPosix
import Storage
import Testing

@testable import Rules

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// The rules engine on a real broker, with actions that a test scripts.
final class RuleHouse: Sendable {
    let store: FailingStore
    let broker: Broker
    let service: RulesService
    let engine: RuleEngine
    private let catalog: ActionCatalog
    private let group: MultiThreadedEventLoopGroup

    private init(_ store: any Store, _ limits: RulesLimits) async throws {
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.store = FailingStore(store)
        // The broker has the store itself: what a test breaks is the rules' part.
        self.broker = Broker(group: self.group, profile: .aws, store: store, authorizer: Nobody(), logger: quiet)
        self.service = RulesService(
            store: self.store, account: AccountContext(region: "eu-west-1", account: "123456789012"), broker: self.broker,
            transport: NoTransport(), http: HTTPClient(eventLoopGroupProvider: .shared(self.group)), sources: NoSources(),
            limits: limits, threads: 2, logger: quiet, clock: { 0 })
        self.engine = self.service.engine
        self.catalog = ActionCatalog(services: self.service.catalog.services, kinds: [ScriptedAction.self])
        try await self.broker.start()
    }

    static let migrations = Broker.migrations + RulesService.migrations

    /// Limits under which nothing has to be waited for.
    static var quickLimits: RulesLimits {
        var limits = RulesLimits()
        limits.firstBackOff = .milliseconds(1)
        limits.longestBackOff = .milliseconds(2)
        limits.maxAttempts = 3
        limits.stopPatience = .seconds(1)
        return limits
    }

    /// On a store in memory, or on one in `folder`.
    static func run<T>(
        folder: String? = nil, limits: RulesLimits = quickLimits, _ body: (RuleHouse) async throws -> T
    ) async throws -> T {
        let store: any Store =
            try folder.map { try SQLiteStore.open(folder: $0, migrations: self.migrations, logger: quiet) }
            ?? SQLiteStore.inMemory(migrations: self.migrations, logger: quiet)
        let house = try await RuleHouse(store, limits)
        do {
            let result = try await body(house)
            try await house.close()
            return result
        } catch {
            try await house.close()
            throw error
        }
    }

    private func close() async throws {
        await self.broker.shutdown()
        await self.service.shutdown()
        await self.store.close()
        try await self.group.shutdownGracefully()
    }

    // MARK: Rules and messages

    /// A rule that hands all of a topic's messages to targets.
    func definition(
        _ name: String = "r", sql: String = "SELECT * FROM 'in'", to targets: [ScriptedTarget], error: ScriptedTarget? = nil
    ) throws -> RuleDefinition {
        var payload: JSONObject = [
            "sql": .string(sql), "awsIotSqlVersion": "2016-03-23", "actions": .array(targets.map(Self.action)),
        ]
        if let error { payload["errorAction"] = Self.action(error) }
        return try RuleDefinition(name: name, payload: payload, actions: self.catalog)
    }

    private static func action(_ target: ScriptedTarget) -> JSONValue { ["scripted": ["target": .string(target.name)]] }

    /// Something for an action, of a rule that nobody runs.
    func item(_ text: String, qos: UInt8 = 0) throws -> ActionItem {
        let rule = RunningRule(try self.definition(to: []), engine: self.engine)
        return ActionItem(
            self.invocation(of: rule, qos: qos), output: SQLOutput(body: .raw(Array(text.utf8)), variables: .none), index: 0)
    }

    func invocation(of rule: RunningRule, qos: UInt8 = 1, id: Int64 = 1) -> RuleInvocation {
        let sql = SQLMessage(
            topic: "in", payload: Array("1".utf8), clientID: "c", principal: nil, sourceIP: nil, traceID: nil, accountID: "1",
            timestampMilliseconds: 0, properties: .init())
        let message = RuleMessage(sql: sql, depth: 0, isKept: qos > 0)
        return RuleInvocation(rule: rule, message: message, journalID: qos > 0 ? id : nil)
    }

    /// Publishes like a device; with QoS 1 it returns when that would have its acknowledgement.
    func publish(_ payload: String, qos: UInt8 = 1, topic: String = "in") async throws {
        try await self.broker.publish(PublishRequest(topic: topic, payload: Array(payload.utf8), qos: qos))
    }

    func journalled() async throws -> Int {
        Int(
            try await self.store.read { connection in
                try connection.queryOne("SELECT COUNT(*) FROM rule_journal")?.integer(0) ?? 0
            })
    }
}

/// Waits for what has to come; a test that waits for too long has failed.
func eventually(_ what: Comment, sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(30)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record(what, sourceLocation: sourceLocation)
}

/// A folder of its own for one test, removed at its end.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.path + "/roost-rules-" + UUID().uuidString
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

private struct Nobody: Authorizer {
    func authorize(_ attempt: ConnectAttempt) async -> ConnectVerdict { .deny(reason: "no clients here") }
}

private struct NoTransport: ServiceTransport {
    func send(_ request: ServiceRequest) async throws(AWSClientError) -> APIResponse {
        throw .unreachable(endpoint: "nowhere", reason: "there are no services here")
    }
}

private struct NoSources: RuleSources {
    func shadowDocument(thing: String, shadow: String?) async throws -> [UInt8]? { nil }
    func thingDescription(_ thing: String) async throws -> JSONObject? { nil }
}
