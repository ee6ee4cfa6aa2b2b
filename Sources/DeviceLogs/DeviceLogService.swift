package import AWSAPI
package import Broker
import CoreMetrics
import Foundation
package import Logging
package import Storage
import Synchronization

/// AWS IoT's logging, version 2: what devices do and what becomes of it, as lines in CloudWatch Logs.
///
/// Who has something to tell hands it over without waiting; a task of this room looks up the groups of the clients and writes. When logs
/// come faster than they can be written, entries are dropped, which is said in this server's own log and counted.
package final class DeviceLogService: Sendable {
    /// This room's tables; the store is opened with them.
    package static let migrations = [Migration(room: "DeviceLogs", version: 1, statements: LogSettingsTable.tables)]

    let store: any Store
    let account: AccountContext
    private let broker: Broker
    private let subjects: any LogSubjects
    private let writer: LogWriter
    private let logger: Logger
    private let current = Mutex(Current())
    /// Grows inside each write, so that what was committed last is what holds.
    private let revisions = Atomic<Int>(0)
    private let queue = Mutex(LogQueue())
    private let groups = Mutex(KnownGroups())
    private let written = Counter(label: "roost_device_log_entries_total")
    private let dropped = Counter(label: "roost_device_log_dropped_total")

    private struct Current {
        var settings: LogSettings?
        var revision = 0
    }

    /// The thing groups of clients, until groups change.
    private struct KnownGroups {
        var byClient: [GroupKey: [String]] = [:]
        /// Rises with each change, so that what was read before one is not kept after it.
        var epoch = 0
    }

    private struct GroupKey: Hashable {
        let client: String?
        let principal: String?
        let thing: String?
    }

    /// - Parameter transport: where CloudWatch Logs is.
    package init(
        store: any Store, account: AccountContext, broker: Broker, subjects: any LogSubjects, transport: any ServiceTransport,
        logger: Logger
    ) {
        self.store = store
        self.account = account
        self.broker = broker
        self.subjects = subjects
        self.writer = LogWriter(transport: transport)
        self.logger = logger
    }

    /// Begins to log by what was set before. Called once, before connections are accepted.
    package func start() async throws {
        let found = try await self.store.read { try LogSettingsTable(connection: $0).load() }
        await self.apply(found, revision: 0)
    }

    /// Writes what waits, for a little while.
    package func shutdown() async {
        await self.broker.watch(with: nil)
        let deadline = ContinuousClock.now + DeviceLogLimits.stopPatience
        while !self.queue.withLock({ $0.isIdle }), .now < deadline { try? await Task.sleep(for: .milliseconds(10)) }
    }

    /// Groups of things changed: they are looked up again.
    package func membershipChanged() { self.groups.withLock { $0 = KnownGroups(epoch: $0.epoch + 1) } }

    // MARK: Settings

    /// What was set, as long as logs are not turned off by SetV2LoggingOptions.
    func settings() async throws -> LogSettings {
        guard let found = try await self.store.read({ try LogSettingsTable(connection: $0).load() }) else { throw Self.notConfigured }
        return found
    }

    static var notConfigured: AWSError {
        .notConfigured("Logging is not configured: call SetV2LoggingOptions first")
    }

    /// Changes what is kept, then what is logged from now on.
    func change(_ body: @escaping @Sendable (LogSettingsTable) throws -> Void) async throws {
        let (settings, revision) = try await self.store.write { connection in
            let table = LogSettingsTable(connection: connection)
            try body(table)
            return (try table.load(), self.revisions.add(1, ordering: .relaxed).newValue)
        }
        await self.apply(settings, revision: revision)
    }

    private func apply(_ settings: LogSettings?, revision: Int) async {
        self.current.withLock { current in
            if revision >= current.revision { current = Current(settings: settings, revision: revision) }
        }
        var isOff: Bool
        // Another change may have come in between, and its word to the broker before this one.
        repeat {
            isOff = self.isOff
            await self.broker.watch(with: isOff ? nil : self)
        } while isOff != self.isOff
    }

    private var isOff: Bool { self.current.withLock { $0.settings?.isDisabled ?? true } }

    // MARK: Writing

    private func writeWaiting() async {
        while let batch = self.queue.withLock({ $0.take() }) {
            if batch.dropped > 0 {
                self.dropped.increment(by: batch.dropped)
                self.logger.warning(
                    "device logs come faster than they are written: some are dropped", metadata: ["dropped": "\(batch.dropped)"])
            }
            await self.write(batch.entries)
        }
    }

    private func write(_ activities: [Activity]) async {
        guard let settings = self.current.withLock({ $0.settings }) else { return }
        var lines: [Place: [LogWriter.Line]] = [:]
        for activity in activities {
            let groups = settings.namesGroups ? await self.groups(of: activity.client) : []
            guard settings.writes(activity.event, activity.level, activity.client, groups: groups) else { continue }
            let place = Place(group: settings.destination(of: activity.event), stream: LogEntry.day(activity.milliseconds))
            let text = LogEntry.text(of: activity, account: self.account.account, traceID: UUID().uuidString.lowercased())
            lines[place, default: []].append(LogWriter.Line(milliseconds: activity.milliseconds, text: text))
        }
        for (place, lines) in lines {
            for batch in LogWriter.batches(lines) { await self.put(batch, place) }
        }
    }

    private struct Place: Hashable {
        let group: String
        let stream: String
    }

    private func put(_ batch: [LogWriter.Line], _ place: Place) async {
        var pause = DeviceLogLimits.firstPause
        for attempt in 1...DeviceLogLimits.attempts {
            do throws(LogWriter.Failure) {
                try await self.writer.put(batch, group: place.group, stream: place.stream)
                return self.written.increment(by: batch.count)
            } catch {
                guard attempt == DeviceLogLimits.attempts else {
                    try? await Task.sleep(for: pause)
                    pause *= 2
                    continue
                }
                self.dropped.increment(by: batch.count)
                self.logger.warning(
                    "device logs could not be written",
                    metadata: ["group": "\(place.group)", "entries": "\(batch.count)", "error": "\(error)"])
            }
        }
    }

    private func groups(of client: Activity.Client) async -> [String] {
        let key = GroupKey(client: client.clientID, principal: client.principal, thing: client.thing)
        let (known, epoch) = self.groups.withLock { ($0.byClient[key], $0.epoch) }
        if let known { return known }
        do {
            let found = try await self.subjects.groups(of: client)
            self.groups.withLock { groups in
                guard groups.epoch == epoch else { return }
                if groups.byClient.count >= DeviceLogLimits.knownClients { groups.byClient.removeAll() }
                groups.byClient[key] = found
            }
            return found
        } catch {
            self.logger.warning("the groups of a device could not be read", metadata: ["error": "\(error)"])
            return []
        }
    }
}

extension DeviceLogService: ActivityLog {
    package func mayWrite(_ event: Activity.Event, _ level: Activity.Level, _ client: Activity.Client) -> Bool {
        self.current.withLock { $0.settings?.mayWrite(event, level, client) ?? false }
    }

    package func write(_ activity: Activity) {
        guard self.mayWrite(activity.event, activity.level, activity.client) else { return }
        if self.queue.withLock({ $0.add(activity) }) == .start { Task { await self.writeWaiting() } }
    }
}
