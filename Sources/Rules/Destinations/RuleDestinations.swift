import AWSAPI
import Foundation
import Identity
import JSON
import Logging
import Storage
import Synchronization

/// The topic rule destinations: on disk, and in memory for the actions that ask for each message.
final class RuleDestinations: Sendable {
    /// Of each kind. Past it CreateTopicRuleDestination answers LimitExceededException.
    static let maxOfKind = 1_000

    private struct State {
        /// By confirmation URL, those of a VPC by id.
        var known: [String: RuleDestination] = [:]
    }

    let account: AccountContext
    let settings: RulesSettings
    private let store: any Store
    private let state = Mutex(State())
    private let changes = RuleChanges()
    private let messages: ConfirmationSender
    private let logger: Logger
    private let clock: @Sendable () -> Timestamp

    init(
        store: any Store, account: AccountContext, settings: RulesSettings, http: HTTPSender, logger: Logger,
        clock: @escaping @Sendable () -> Timestamp = { Timestamp.now() }
    ) {
        self.store = store
        self.account = account
        self.settings = settings
        self.messages = ConfirmationSender(http: http, account: account)
        self.logger = logger
        self.clock = clock
    }

    /// Reads what there is, before the first rule runs.
    func load() async throws {
        let all = try await self.store.read { try DestinationTable(connection: $0).page(after: "", count: 2 * Self.maxOfKind) }
        self.state.withLock { state in
            for destination in all { state.known[Self.key(destination)] = destination }
        }
    }

    /// From now on confirmation messages can be sent: they name the address of this server.
    func serve(at address: String) {
        self.messages.serve(at: address)
        for destination in self.state.withLock({ Array($0.known.values) }) { self.sendMessage(of: destination) }
    }

    func stop() { self.messages.stop() }

    private static func key(_ destination: RuleDestination) -> String { destination.confirmationURL ?? destination.id }

    // MARK: For actions

    /// The destination with this confirmation URL; for a VPC's, its id.
    func find(_ key: String) -> RuleDestination? {
        self.state.withLock { $0.known[key] }?.settled(at: self.clock())
    }

    /// The id in an ARN of this account's destinations.
    func id(inARN arn: String) -> String? {
        let prefix = self.account.arn(service: "iot", "ruledestination/")
        return arn.hasPrefix(prefix) ? String(arn.dropFirst(prefix.count)) : nil
    }

    func arn(_ destination: RuleDestination) -> String { self.account.arn(service: "iot", "ruledestination/\(destination.id)") }

    // MARK: For operations

    func create(_ configuration: RuleDestination.Configuration) async throws -> RuleDestination {
        let made = self.new(configuration)
        let arn = self.arn(made)
        try await self.store.write { connection in
            if let url = made.confirmationURL, let found = try DestinationTable(connection: connection).find(confirmationURL: url) {
                throw AWSError.resourceAlreadyExists(
                    "A destination with the confirmation URL \(url) exists already", resourceID: found.id,
                    resourceARN: arn.replacing(made.id, with: found.id))
            }
            try Self.insert(made, connection)
        }
        await self.changed(made.id)
        return made
    }

    private func new(_ configuration: RuleDestination.Configuration) -> RuleDestination {
        let kind = if case .http = configuration { "http" } else { "vpc" }
        return RuleDestination(
            id: "\(kind)/\(UUID().uuidString.lowercased())", configuration, token: ConfirmationMessage.newToken(), at: self.clock())
    }

    private static func insert(_ made: RuleDestination, _ connection: any StoreConnection) throws {
        let table = DestinationTable(connection: connection)
        guard try table.count(made.kind) < Self.maxOfKind else {
            throw AWSError.limitExceeded(
                "There are \(Self.maxOfKind) \(made.kind) destinations, which is the most that one account has.")
        }
        try table.insert(made)
    }

    /// Destinations for these confirmation URLs where there are none, within a transaction. Pass the result to ``changed(_:)`` after it.
    func addMissing(_ urls: [String], _ connection: any StoreConnection) throws -> [String] {
        var added: [String] = []
        for url in urls where try DestinationTable(connection: connection).find(confirmationURL: url) == nil {
            let made = self.new(.http(confirmationURL: url))
            try Self.insert(made, connection)
            added.append(made.id)
        }
        return added
    }

    /// - Throws: UnauthorizedException when there is no such destination: the model has no ResourceNotFoundException here.
    func get(_ arn: String) async throws -> RuleDestination {
        guard let id = self.id(inARN: arn) else { throw AWSError.noDestination(arn) }
        let found = try await self.store.read { try DestinationTable(connection: $0).find(id) }
        guard let found else { throw AWSError.noDestination(arn) }
        return found.settled(at: self.clock())
    }

    func page(after id: String, count: Int) async throws -> [RuleDestination] {
        let now = self.clock()
        return try await self.store.read { try DestinationTable(connection: $0).page(after: id, count: count) }.map { $0.settled(at: now) }
    }

    func setStatus(_ word: String, of arn: String) async throws {
        guard let id = self.id(inARN: arn) else { throw AWSError.noDestination(arn) }
        let now = self.clock()
        let token = ConfirmationMessage.newToken()
        try await self.store.write { connection in
            let table = DestinationTable(connection: connection)
            guard var found = try table.find(id)?.settled(at: now) else { throw AWSError.noDestination(arn) }
            try found.set(word, token: token, at: now)
            try table.update(found)
        }
        await self.changed(id)
    }

    func delete(_ arn: String) async throws {
        guard let id = self.id(inARN: arn) else { throw AWSError.noDestination(arn) }
        let isFound = try await self.store.write { try DestinationTable(connection: $0).delete(id) }
        guard isFound else { throw AWSError.noDestination(arn) }
        await self.changed(id)
    }

    func confirm(token: String) async throws {
        let now = self.clock()
        let id = try await self.store.write { connection in
            let table = DestinationTable(connection: connection)
            guard var found = try table.find(token: token), found.confirm(at: now) else {
                throw AWSError.invalidRequest(
                    "The confirmation token is not valid: it was used, has expired, or another one was sent after it.")
            }
            try table.update(found)
            return found.id
        }
        await self.changed(id)
    }

    // MARK: Memory and messages

    /// Makes memory what the disk is, and sends the confirmation message that is due.
    func changed(_ id: String) async {
        await self.changes.run {
            let found: RuleDestination?
            do {
                found = try await self.store.read { try DestinationTable(connection: $0).find(id) }
            } catch {
                self.logger.error("a rule destination could not be read again", metadata: ["id": "\(id)", "error": "\(error)"])
                return
            }
            self.state.withLock { state in
                if let found {
                    state.known[Self.key(found)] = found
                } else if let old = state.known.first(where: { $0.value.id == id }) {
                    state.known[old.key] = nil
                }
            }
            if let found { self.sendMessage(of: found) } else { self.messages.cancel(id) }
        }
    }

    private func sendMessage(of destination: RuleDestination) {
        guard destination.settled(at: self.clock()).needsMessage else { return }
        self.messages.send(destination) { end in await self.messageEnded(of: destination, end) }
    }

    private func messageEnded(of destination: RuleDestination, _ end: ConfirmationEnd) async {
        let now = self.clock()
        do {
            try await self.store.write { connection in
                let table = DestinationTable(connection: connection)
                // Another message may be under way, with another token.
                guard var found = try table.find(destination.id), found.token == destination.token else { return }
                found.messageEnded(end, at: now)
                try table.update(found)
            }
            await self.changed(destination.id)
        } catch {
            self.logger.error(
                "the outcome of a confirmation message could not be stored", metadata: ["id": "\(destination.id)", "error": "\(error)"])
        }
    }
}

extension AWSError {
    static func noDestination(_ arn: String) -> AWSError { .unauthorized("Access to topic rule destination '\(arn)' was denied") }
}
