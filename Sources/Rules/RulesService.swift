package import AWSAPI
package import Broker
package import Identity
import JSON
package import Logging
package import Storage
import Synchronization

/// Topic rules: SQL over every message, and what comes of it (reference 5).
package final class RulesService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = RulesSchema.migrations

    let store: any Store
    let account: AccountContext
    let limits: RulesLimits
    let catalog: ActionCatalog
    let engine: RuleEngine
    private let changes = RuleChanges()
    let logger: Logger
    /// Seconds since 1970.
    let clock: @Sendable () -> Int64

    package init(
        store: any Store, account: AccountContext, broker: Broker, transport: any ServiceTransport, sources: any RuleSources,
        limits: RulesLimits = RulesLimits(), settings: RulesSettings = RulesSettings(), threads: Int, logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        let services = ActionServices(
            broker: broker, transport: transport, account: account, limits: limits, settings: settings, logger: logger)
        self.store = store
        self.account = account
        self.limits = limits
        self.catalog = ActionCatalog(services: services)
        self.engine = RuleEngine(
            store: store, broker: broker, account: account, limits: limits,
            externalFunctions: RuleExternalFunctions(sources: sources, services: services), threads: threads, logger: logger)
        self.logger = logger
        self.clock = clock
    }

    /// Loads the rules, goes on with what was not done when the server stopped, and begins to take messages.
    package func start() async throws {
        let records = try await self.store.read { try RuleTable(connection: $0).all() }
        // Before the first message is taken: what comes is numbered after what is there.
        let unfinished = try await self.engine.journal.load()
        for record in records {
            do {
                await self.engine.apply(try self.definition(record.name, record.payload))
            } catch {
                // It was accepted by an older version: the others work.
                self.logger.error("a stored rule cannot be run", metadata: ["rule": "\(record.name)", "error": "\(error)"])
            }
        }
        await self.engine.resume(unfinished)
    }

    /// Stops taking messages and waits a little for deliveries under way; what is journalled goes on after the next start.
    package func shutdown() async { await self.engine.shutdown() }

    func definition(_ name: String, _ payload: JSONObject) throws(AWSError) -> RuleDefinition {
        try RuleDefinition(name: name, payload: payload, actions: self.catalog)
    }

    /// Makes the engine run what is on disk of a rule. Returns when it does.
    func settle(_ name: String) async throws {
        let failure = Mutex<(any Error)?>(nil)
        await self.changes.run {
            do {
                guard let record = try await self.store.read({ try RuleTable(connection: $0).find(name) }) else {
                    return await self.engine.remove(name)
                }
                await self.engine.apply(try self.definition(name, record.payload))
            } catch {
                failure.withLock { $0 = error }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }

    func arn(_ rule: String) -> String { self.account.arn(service: "iot", Self.resource(rule)) }

    /// A rule's name among all resources, which its tags hang on.
    static func resource(_ rule: String) -> String { "rule/\(rule)" }

    /// Rules can be tagged.
    package static func addTaggable(to resources: TaggableResources) {
        resources.add("rule") { name, connection in try RuleTable(connection: connection).find(name) != nil }
    }

    /// This room's operations, for the endpoint.
    package var operations: [any AWSOperation] {
        [
            CreateTopicRule(rules: self), GetTopicRule(rules: self), ListTopicRules(rules: self), ReplaceTopicRule(rules: self),
            DeleteTopicRule(rules: self), EnableTopicRule(rules: self), DisableTopicRule(rules: self),
        ]
    }
}
