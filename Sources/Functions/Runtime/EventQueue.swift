import AWSAPI
import Foundation
import Logging
import Storage

/// Invocations of the type Event: kept until they are done, tried again when the function fails (Lambda's asynchronous invocation).
actor EventQueue {
    private struct Event {
        let id: Int64
        let function: String
        /// Milliseconds since 1970.
        var due: Int64
    }

    /// Before an event is tried again that found no instance.
    private static let throttlePause = Duration.seconds(1)
    /// Events of one function that are tried at one time.
    private static let maxAtOnce = 10

    private let store: any Store
    private let pool: FunctionPool
    private let limits: FunctionLimits
    private let logger: Logger
    private let clock: @Sendable () -> Int64
    private var waiting: [Event] = []
    private var atWork: [String: Int] = [:]
    private var lastID: Int64 = 0
    private var alarm: Task<Void, Never>?
    private var isEnded = false

    init(store: any Store, pool: FunctionPool, limits: FunctionLimits, logger: Logger, clock: @escaping @Sendable () -> Int64) {
        self.store = store
        self.pool = pool
        self.limits = limits
        self.logger = logger
        self.clock = clock
    }

    /// Goes on with what was accepted before a stop.
    func start() async throws {
        let rows = try await self.store.read { connection in
            try connection.query("SELECT id, function, due_at FROM function_event ORDER BY id").map { row in
                Event(id: try row.integer(0), function: try row.text(1), due: try row.integer(2))
            }
        }
        self.waiting = rows
        self.lastID = rows.last?.id ?? 0
        self.pump()
    }

    /// Returns when the event is on disk.
    ///
    /// - Throws: TooManyRequestsException when too many wait.
    func accept(_ function: String, payload: [UInt8], requestID: String) async throws {
        guard self.waiting.count < self.limits.maxEvents else { throw AWSError.rateExceeded() }
        self.lastID += 1
        let event = Event(id: self.lastID, function: function, due: self.clock())
        _ = try await self.store.write { connection in
            try connection.execute(
                "INSERT INTO function_event (id, function, request, payload, failures, due_at) VALUES (?, ?, ?, ?, 0, ?)",
                [.integer(event.id), .text(function), .text(requestID), .blob(payload), .integer(event.due)])
        }
        self.waiting.append(event)
        self.pump()
    }

    func shutdown() {
        self.isEnded = true
        self.alarm?.cancel()
        self.waiting = []
    }

    // MARK: Work

    /// Starts what is due and has room, and comes back for the rest.
    private func pump() {
        let now = self.clock()
        var rest: [Event] = []
        var next: Int64?
        for event in self.waiting {
            if event.due <= now, self.atWork[event.function, default: 0] < Self.maxAtOnce {
                self.atWork[event.function, default: 0] += 1
                Task { await self.run(event) }
            } else {
                rest.append(event)
                if event.due > now { next = min(next ?? event.due, event.due) }
            }
        }
        self.waiting = rest
        self.alarm?.cancel()
        self.alarm = next.map { due in
            Task {
                try? await Task.sleep(for: .milliseconds(max(1, due - now)))
                if !Task.isCancelled { self.pump() }
            }
        }
    }

    private func run(_ event: Event) async {
        do {
            try await self.attempt(event)
        } catch {
            self.logger.error(
                "an event of a function could not be read or stored: it is tried again",
                metadata: ["function": "\(event.function)", "error": "\(error)"])
            self.putBack(event, after: Self.throttlePause)
        }
        self.atWork[event.function, default: 1] -= 1
        if self.atWork[event.function] == 0 { self.atWork[event.function] = nil }
        self.pump()
    }

    private func attempt(_ event: Event) async throws {
        let found = try await self.store.read { connection in
            let row = try connection.queryOne(
                "SELECT request, payload, failures FROM function_event WHERE id = ?", [.integer(event.id)])
            return try row.map { row in
                (
                    requestID: try row.text(0), payload: try row.blob(1), failures: Int(try row.integer(2)),
                    record: try FunctionTable(connection: connection).find(event.function)
                )
            }
        }
        // Deleted with its function.
        guard let found, let record = found.record else { return }
        let result: FunctionResult
        do throws(AWSError) {
            result = try await self.pool.invoke(record, payload: found.payload, requestID: found.requestID)
        } catch {
            return self.putBack(event, after: Self.throttlePause)
        }
        guard result.isError, found.failures < self.limits.eventPauses.count else {
            if result.isError { self.tell(event, found.requestID, result) }
            return try await self.delete(event.id)
        }
        let pause = self.limits.eventPauses[found.failures]
        let due = self.clock() + Int64(pause.milliseconds)
        _ = try await self.store.write { connection in
            try connection.execute(
                "UPDATE function_event SET failures = failures + 1, due_at = ? WHERE id = ?", [.integer(due), .integer(event.id)])
        }
        self.putBack(event, after: pause)
    }

    private func putBack(_ event: Event, after pause: Duration) {
        guard !self.isEnded else { return }
        var event = event
        event.due = self.clock() + Int64(pause.milliseconds)
        self.waiting.append(event)
    }

    private func tell(_ event: Event, _ requestID: String, _ result: FunctionResult) {
        self.logger.warning(
            "an event is dropped: its function failed each time",
            metadata: ["function": "\(event.function)", "request": "\(requestID)", "error": "\(result.errorText ?? "")"])
    }

    private func delete(_ id: Int64) async throws {
        _ = try await self.store.write { try $0.execute("DELETE FROM function_event WHERE id = ?", [.integer(id)]) }
    }
}
