import Broker
import JSON

/// Entries that wait to be written. Pure.
struct LogQueue: Sendable {
    private var entries: [Activity] = []
    private var bytes = 0
    /// Entries that were dropped since the last ``take()``.
    private var dropped = 0
    /// Whether somebody writes: who adds an entry need not start it.
    private var isWriting = false

    enum Action { case wait, start }

    mutating func add(_ activity: Activity) -> Action {
        let size = activity.byteCount
        guard self.entries.count < DeviceLogLimits.waitingEntries, self.bytes + size <= DeviceLogLimits.waitingBytes else {
            self.dropped += 1
            return .wait
        }
        self.entries.append(activity)
        self.bytes += size
        if self.isWriting { return .wait }
        self.isWriting = true
        return .start
    }

    /// All that wait, and how many were dropped meanwhile. Nil when there are none: the writing has ended.
    mutating func take() -> (entries: [Activity], dropped: Int)? {
        guard !self.entries.isEmpty || self.dropped > 0 else {
            self.isWriting = false
            return nil
        }
        defer {
            self.entries = []
            self.bytes = 0
            self.dropped = 0
        }
        return (self.entries, self.dropped)
    }

    var isIdle: Bool { !self.isWriting && self.entries.isEmpty }
}

extension Activity {
    /// About what it takes in memory.
    fileprivate var byteCount: Int {
        self.fields.reduce(256) { size, field in
            size + field.key.utf8.count + (field.value.stringValue?.utf8.count ?? 64)
        }
    }
}
