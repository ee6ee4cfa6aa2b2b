import DequeModule
import HeapModule

/// Which event is tried when: the order of the work, without storage and without a clock. Times are milliseconds since 1970.
///
/// Events of one function are tried in the order in which they came, a few at one time. A function that is refused an instance pauses, longer
/// each time.
struct EventBacklog {
    struct Event: Sendable, Hashable {
        let id: Int64
        let function: String
        /// Of its payload.
        let bytes: Int
    }

    private struct Lane {
        var ready: Deque<Event> = []
        var atWork = 0
        var pausedUntil: Int64 = 0
        /// Refusals since the last event that was run.
        var refusals = 0
    }

    /// What comes due: an event, or the end of a function's pause.
    private struct Later: Comparable {
        let due: Int64
        let order: Int64
        let function: String
        let event: Event?

        static func < (left: Later, right: Later) -> Bool { (left.due, left.order) < (right.due, right.order) }
        static func == (left: Later, right: Later) -> Bool { (left.due, left.order) == (right.due, right.order) }
    }

    /// Lambda's: from one second to five minutes.
    static let shortestPause: Int64 = 1_000
    static let longestPause: Int64 = 300_000

    private let maxAtOnce: Int
    private var lanes: [String: Lane] = [:]
    private var later: Heap<Later> = []
    private var lastOrder: Int64 = 0

    init(maxAtOnce: Int) { self.maxAtOnce = maxAtOnce }

    /// When something comes due that is not now.
    var nextDue: Int64? { self.later.min?.due }

    mutating func add(_ event: Event, due: Int64, now: Int64) {
        guard due > now else {
            self.lanes[event.function, default: Lane()].ready.append(event)
            return
        }
        self.wait(until: due, event.function, event)
    }

    /// The events to try now. Each is followed by ``done(_:)``, ``retry(_:due:now:)`` or ``refused(_:now:)``.
    mutating func start(now: Int64) -> [Event] {
        while let first = self.later.min, first.due <= now {
            self.later.removeMin()
            if let event = first.event { self.lanes[event.function, default: Lane()].ready.append(event) }
        }
        var started: [Event] = []
        for (function, lane) in self.lanes where lane.pausedUntil <= now && !lane.ready.isEmpty && lane.atWork < self.maxAtOnce {
            // While it is not known whether there are instances again, one tries it.
            let most = lane.refusals > 0 ? 1 : self.maxAtOnce
            while let room = self.lanes[function]?.atWork, room < most, let event = self.lanes[function]?.ready.popFirst() {
                self.lanes[function]?.atWork += 1
                started.append(event)
            }
        }
        return started
    }

    /// It was run for the last time.
    mutating func done(_ event: Event) {
        self.lanes[event.function]?.refusals = 0
        self.leave(event.function)
    }

    /// It was run, and will be again.
    mutating func retry(_ event: Event, due: Int64, now: Int64) {
        self.lanes[event.function]?.refusals = 0
        self.leave(event.function)
        self.add(event, due: due, now: now)
    }

    /// There was no instance for it.
    mutating func refused(_ event: Event, now: Int64) {
        guard var lane = self.lanes[event.function] else { return }
        lane.ready.prepend(event)
        if lane.pausedUntil <= now {
            lane.pausedUntil = now + min(Self.shortestPause << min(Int64(lane.refusals), 16), Self.longestPause)
            lane.refusals += 1
            self.wait(until: lane.pausedUntil, event.function, nil)
        }
        self.lanes[event.function] = lane
        self.leave(event.function)
    }

    private mutating func leave(_ function: String) {
        self.lanes[function]?.atWork -= 1
        if let lane = self.lanes[function], lane.atWork <= 0, lane.ready.isEmpty { self.lanes[function] = nil }
    }

    private mutating func wait(until due: Int64, _ function: String, _ event: Event?) {
        self.lastOrder += 1
        self.later.insert(Later(due: due, order: self.lastOrder, function: function, event: event))
    }
}
