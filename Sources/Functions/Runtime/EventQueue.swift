import AWSAPI
import Foundation
import Logging
import Storage

/// Invocations of the type Event: kept until they are done, tried again when the function fails (Lambda's asynchronous invocation).
actor EventQueue {
    typealias Event = EventBacklog.Event

    /// Events of one function that are tried at one time.
    private static let maxAtOnce = 10

    private let store: any Store
    private let invoker: FunctionInvoker
    private let limits: FunctionLimits
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private var backlog = EventBacklog(maxAtOnce: EventQueue.maxAtOnce)
    /// Of all events that are stored or about to be.
    private var count = 0
    private var bytes = 0
    private var lastID: Int64 = 0
    private var alarm: Task<Void, Never>?
    private var isEnded = false

    init(
        store: any Store, invoker: FunctionInvoker, limits: FunctionLimits, logger: Logger, clock: @escaping @Sendable () -> Int64
    ) {
        self.store = store
        self.invoker = invoker
        self.limits = limits
        self.logger = logger
        self.clock = clock
    }

    /// Goes on with what was accepted before a stop.
    func start() async throws {
        let rows = try await self.store.read { connection in
            try connection.query("SELECT id, function, LENGTH(payload), due_at FROM function_event ORDER BY id").map { row in
                (event: Event(id: try row.integer(0), function: try row.text(1), bytes: Int(try row.integer(2))), due: try row.integer(3))
            }
        }
        let now = self.clock()
        for row in rows { self.backlog.add(row.event, due: row.due, now: now) }
        self.count = rows.count
        self.bytes = rows.reduce(0) { $0 + $1.event.bytes }
        self.lastID = rows.last?.event.id ?? 0
        self.pump()
    }

    /// Returns when the event is on disk.
    ///
    /// - Throws: TooManyRequestsException when too many wait.
    func accept(_ function: String, payload: [UInt8], requestID: String) async throws {
        guard !self.isEnded, self.count < self.limits.maxEvents, self.bytes + payload.count <= self.limits.maxEventsBytes else {
            throw AWSError.rateExceeded()
        }
        self.lastID += 1
        let event = Event(id: self.lastID, function: function, bytes: payload.count)
        let now = self.clock()
        self.count += 1
        self.bytes += event.bytes
        do {
            _ = try await self.store.write { connection in
                try connection.execute(
                    """
                    INSERT INTO function_event (id, function, request, payload, failures, due_at, accepted_at) VALUES (?, ?, ?, ?, 0, ?, ?)
                    """,
                    [
                        .integer(event.id), .text(function), .text(requestID), .blob(payload), .integer(now), .integer(now),
                    ])
            }
        } catch {
            self.forget(event)
            throw error
        }
        self.backlog.add(event, due: now, now: now)
        self.pump()
    }

    func shutdown() {
        self.isEnded = true
        self.alarm?.cancel()
    }

    // MARK: Work

    /// Starts what is due and has room, and comes back for the rest.
    private func pump() {
        guard !self.isEnded else { return }
        let now = self.clock()
        for event in self.backlog.start(now: now) { Task { await self.run(event) } }
        self.alarm?.cancel()
        self.alarm = self.backlog.nextDue.map { due in
            Task {
                try? await Task.sleep(for: .milliseconds(max(1, due - now)))
                if !Task.isCancelled { self.pump() }
            }
        }
    }

    private func forget(_ event: Event) {
        self.count -= 1
        self.bytes -= event.bytes
    }

    private func run(_ event: Event) async {
        do {
            try await self.attempt(event)
        } catch {
            // A server that stops ends what runs: the event stays on disk, and the next one goes on with it.
            if !self.isEnded {
                self.logger.error(
                    "an event of a function could not be read or stored: it is tried again",
                    metadata: ["function": "\(event.function)", "error": "\(error)"])
            }
            self.backlog.refused(event, now: self.clock())
        }
        self.pump()
    }

    private struct Found: Sendable {
        let requestID: String
        let payload: [UInt8]
        let failures: Int
        let acceptedAt: Int64
    }

    private func attempt(_ event: Event) async throws {
        let found = try await self.store.read { connection in
            let row = try connection.queryOne(
                "SELECT request, payload, failures, accepted_at FROM function_event WHERE id = ?", [.integer(event.id)])
            return try row.map { row in
                Found(
                    requestID: try row.text(0), payload: try row.blob(1), failures: Int(try row.integer(2)), acceptedAt: try row.integer(3))
            }
        }
        // Deleted with its function.
        guard let found else { return self.settle(event) }
        let failure: String
        do {
            let result = try await self.invoker.invoke(event.function, payload: found.payload, requestID: found.requestID)
            guard let text = result.errorText else { return try await self.delete(event) }
            failure = text
        } catch let error as AWSError where error.status == 429 {
            return try await self.postpone(event, found)
        } catch let error as AWSError where error.status == 404 {
            return try await self.delete(event)
        } catch let error as AWSError {
            failure = error.description
        }
        // What was under way when the server stopped did not fail.
        if self.isEnded { return }
        try await self.failed(event, found, failure)
    }

    /// There was no instance for it. It goes on waiting, but not forever.
    private func postpone(_ event: Event, _ found: Found) async throws {
        guard self.clock() - found.acceptedAt > Int64(self.limits.maxEventAge.milliseconds), !self.isEnded else {
            return self.backlog.refused(event, now: self.clock())
        }
        self.tell("an event is dropped: no instance was free for it in time", event, found, "TooManyRequestsException")
        try await self.delete(event)
    }

    private func failed(_ event: Event, _ found: Found, _ failure: String) async throws {
        guard found.failures < self.limits.eventPauses.count else {
            self.tell("an event is dropped: its function failed each time", event, found, failure)
            return try await self.delete(event)
        }
        let due = self.clock() + Int64(self.limits.eventPauses[found.failures].milliseconds)
        _ = try await self.store.write { connection in
            try connection.execute(
                "UPDATE function_event SET failures = failures + 1, due_at = ? WHERE id = ?", [.integer(due), .integer(event.id)])
        }
        self.backlog.retry(event, due: due, now: self.clock())
    }

    private func tell(_ what: String, _ event: Event, _ found: Found, _ error: String) {
        self.logger.warning(
            "\(what)", metadata: ["function": "\(event.function)", "request": "\(found.requestID)", "error": "\(error)"])
    }

    private func delete(_ event: Event) async throws {
        _ = try await self.store.write { try $0.execute("DELETE FROM function_event WHERE id = ?", [.integer(event.id)]) }
        self.settle(event)
    }

    private func settle(_ event: Event) {
        self.forget(event)
        self.backlog.done(event)
    }
}
