import DequeModule
import NIOCore

/// When messages that a client leaves unacknowledged are sent again on the same connection (AWS IoT, sessions; 3.1.1 only, for MQTT 5.0
/// §4.4 forbids it).
///
/// No time is kept for each message. Now and then a mark notes how far the window reached; what is still there when the mark is old
/// enough was sent at least that long ago. So a message is sent again after one to two intervals, then each interval, and left alone once
/// it was tried for as long as the profile says: it stays in the session, for the client's next connection.
struct ResendSchedule {
    private struct Mark {
        /// The number after the last message that had been sent.
        var end: UInt64
        var time: NIODeadline
    }

    private let interval: TimeAmount
    private let limit: TimeAmount
    /// In order of time; at most `limit / interval` and two more.
    private var marks = Deque<Mark>()
    /// Messages below were tried for long enough.
    private var givenUpBelow: UInt64 = 0

    init(interval: TimeAmount, limit: TimeAmount) {
        self.interval = interval
        self.limit = limit
    }

    /// The messages that are due, to be asked for now and then. `sent`: those that were sent and not left by the window yet.
    mutating func due(sent: Range<UInt64>, now: NIODeadline) -> Range<UInt64>? {
        guard !sent.isEmpty else {
            self.marks.removeAll()
            return nil
        }
        if let last = self.marks.last, now - last.time < self.interval { return nil }
        let due = self.marks.last?.end ?? 0
        self.marks.append(Mark(end: sent.upperBound, time: now))
        while let first = self.marks.first, now - first.time > self.limit {
            self.givenUpBelow = max(self.givenUpBelow, first.end)
            self.marks.removeFirst()
        }
        let start = max(sent.lowerBound, self.givenUpBelow)
        return start < min(due, sent.upperBound) ? start..<min(due, sent.upperBound) : nil
    }
}
