package import AWSAPI
package import AsyncHTTPClient
package import Broker
package import Identity
import JSON
package import Logging
package import Storage
import Synchronization

/// Topic rules: SQL over every message, and what comes of it (AWS IoT Developer Guide, rules).
package final class RulesService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = RulesSchema.migrations

    let store: any Store
    let account: AccountContext
    let limits: RulesLimits
    let catalog: ActionCatalog
    let engine: RuleEngine
    let destinations: RuleDestinations
    private let http: HTTPSender
    private let kafka = KafkaProducers()
    private let changes = RuleChanges()
    let logger: Logger
    /// Seconds since 1970.
    let clock: @Sendable () -> Int64

    /// - Parameters:
    ///   - http: for the http action, set up as `RulesSettings.httpConfiguration` says; it is shut down with the rules.
    ///   - signingKey: what signs the http action's requests that ask for it.
    package init(
        store: any Store, account: AccountContext, broker: Broker, transport: any ServiceTransport, http: HTTPClient,
        signingKey: AccessKey? = nil, sources: any RuleSources,
        limits: RulesLimits = RulesLimits(), settings: RulesSettings = RulesSettings(), threads: Int, logger: Logger,
        clock: @escaping @Sendable () -> Int64
    ) {
        self.http = HTTPSender(http)
        self.destinations = RuleDestinations(store: store, account: account, settings: settings, http: self.http, logger: logger)
        let services = ActionServices(
            broker: broker, transport: transport, http: self.http, kafka: self.kafka, destinations: self.destinations,
            signingKey: signingKey,
            account: account, limits: limits, settings: settings, logger: logger)
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
        try await self.destinations.load()
        let records = try await self.store.read { try RuleTable(connection: $0).all() }
        // Before the first message is taken: what comes is numbered after what is there. A rule goes on with it once it is applied.
        try await self.engine.journal.load(of: Set(records.map(\.name)))
        await self.engine.watchUnknownRules()
        for record in records {
            do {
                await self.engine.apply(try self.definition(record.name, record.payload))
            } catch {
                // It was accepted by an older version: the others work.
                self.logger.error("a stored rule cannot be run", metadata: ["rule": "\(record.name)", "error": "\(error)"])
            }
        }
    }

    /// Stops taking messages and waits a little for deliveries under way; what is journalled goes on after the next start.
    package func shutdown() async {
        self.destinations.stop()
        await self.engine.shutdown()
        await self.http.shutdown()
        await self.kafka.shutdown()
    }

    /// Tells where this server's API is reached, which destinations are told so that they can confirm.
    package func serve(at address: String) { self.destinations.serve(at: address) }

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
            CreateTopicRuleDestination(destinations: self.destinations), GetTopicRuleDestination(destinations: self.destinations),
            ListTopicRuleDestinations(destinations: self.destinations), UpdateTopicRuleDestination(destinations: self.destinations),
            DeleteTopicRuleDestination(destinations: self.destinations), ConfirmTopicRuleDestination(destinations: self.destinations),
        ]
    }
}
