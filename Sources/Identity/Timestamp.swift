package import FoundationEssentials

/// A moment in milliseconds since 1970-01-01T00:00:00Z, as the tables keep it.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var milliseconds: Int64

    package init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    /// The wall clock's time.
    package static func now() -> Timestamp {
        Timestamp(Date())
    }

    /// Out of range (a certificate may claim any year) is clamped to the representable milliseconds.
    package init(_ date: Date) {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        self.milliseconds = Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }

    package var date: Date {
        Date(timeIntervalSince1970: Double(self.milliseconds) / 1000)
    }
}
