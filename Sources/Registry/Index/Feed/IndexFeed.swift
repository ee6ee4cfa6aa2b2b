package import JSON
import Logging
package import Storage
import Synchronization

/// Brings what other rooms say of things into the index: shadows that changed, and clients that came and went.
///
/// A changed shadow is marked in its own transaction, so that a crash forgets none; the marks are worked off in transactions of the registry, in
/// batches. Searches work off what is marked before they look.
package final class IndexFeed: Sendable {
    /// Marks worked off in one transaction.
    static let batch = 256
    /// Steps of a search's catching up: under a load without end it goes on with what is there.
    static let maxStepsOfSearch = 20
    /// Clients whose coming and going is remembered until it is written. More of them make the index look at every thing anew.
    static let maxWaitingClients = 100_000

    private struct State {
        var configuration = IndexConfiguration()
        var hasMarks = false
        /// Pieces of work that were taken and are not on disk.
        var unfinished = 0
        /// The last that is known of each client.
        var clients: [String: JSONObject] = [:]
        var lostClients = false
    }

    let store: any Store
    let sources: (any IndexSources)?
    let logger: Logger
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(store: any Store, sources: (any IndexSources)?, logger: Logger) {
        self.store = store
        self.sources = sources
        self.logger = logger
        (self.signals, self.signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: Configuration

    var configuration: IndexConfiguration { self.state.withLock { $0.configuration } }

    func take(_ configuration: IndexConfiguration) {
        self.state.withLock { state in
            state.configuration = configuration
            state.hasMarks = true
            if !configuration.wants(.connectivity) { state.clients = [:] }
        }
        self.wake()
    }

    // MARK: What happened

    /// A shadow changed. Called inside the transaction that changes it.
    ///
    /// - Parameter name: empty for the classic shadow.
    package func shadowChanged(_ name: String, of thing: String, in connection: any StoreConnection) throws {
        let isWanted = self.state.withLock { state in
            let part = name.isEmpty ? IndexPart.shadow : .namedShadow(name)
            guard state.configuration.wants(part) else { return false }
            state.hasMarks = true
            return true
        }
        guard isWanted else { return }
        try Self.mark(name, of: thing, in: connection)
        self.wake()
    }

    static func mark(_ name: String, of thing: String, in connection: any StoreConnection) throws {
        try connection.execute(
            "INSERT INTO registry_index_changes (thing, shadow) VALUES (?, ?) ON CONFLICT (thing, shadow) DO NOTHING",
            [.text(thing), .text(name)])
    }

    /// A client came or went.
    ///
    /// - Parameter facts: `connected`, `timestamp`, `version`, and for one that went `disconnectReason`.
    package func connectionChanged(_ clientID: String, _ facts: JSONObject) {
        self.state.withLock { state in
            guard state.configuration.wants(.connectivity) else { return }
            state.hasMarks = true
            if state.clients.count < Self.maxWaitingClients || state.clients[clientID] != nil {
                state.clients[clientID] = facts
            } else {
                state.lostClients = true
            }
        }
        self.wake()
    }

    func wake() { self.signal.yield() }

    // MARK: The next step

    struct Work: Sendable {
        var configuration: IndexConfiguration
        var clients: [String: JSONObject]
        var lostClients: Bool
    }

    /// What is to be done; nil when nothing is.
    func takeWork() -> Work? {
        self.state.withLock { state in
            guard state.hasMarks else { return nil }
            let taken = state.clients.prefix(Self.batch)
            for (client, _) in taken { state.clients.removeValue(forKey: client) }
            state.hasMarks = !state.clients.isEmpty
            state.unfinished += 1
            defer { state.lostClients = false }
            return Work(
                configuration: state.configuration, clients: Dictionary(uniqueKeysWithValues: taken.map { ($0.key, $0.value) }),
                lostClients: state.lostClients)
        }
    }

    /// There is more than was taken.
    func putBack() {
        self.state.withLock { $0.hasMarks = true }
        self.wake()
    }

    /// What was taken is on disk, or has to be taken again.
    func finish(_ work: Work?, hasFailed: Bool) {
        guard let work else { return }
        self.state.withLock { state in
            state.unfinished -= 1
            guard hasFailed else { return }
            state.hasMarks = true
            state.clients.merge(work.clients) { newer, _ in newer }
            state.lostClients = state.lostClients || work.lostClients
        }
    }

    /// Whether something waits, or was taken and is not on disk.
    var hasWork: Bool { self.state.withLock { $0.hasMarks || $0.unfinished > 0 } }

    /// Waits until there may be something to do; false at the end.
    func waitForWork() async -> Bool {
        for await _ in self.signals { return true }
        return false
    }
}
