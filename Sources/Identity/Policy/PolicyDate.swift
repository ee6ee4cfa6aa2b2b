#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Dates of policy conditions: the W3C profile of ISO 8601 down to milliseconds, or seconds since 1970
/// (IAM, "Date condition operators"). Milliseconds since 1970 (UTC) inside.
package enum PolicyDate {
    /// The clock of this machine.
    package static let systemTime: @Sendable () -> Int64 = {
        Int64(Date().timeIntervalSince1970 * 1000)
    }

    private static let millisecondsPerDay: Int64 = 86_400_000

    /// Nil when the text is neither form.
    static func parse(_ text: String) -> Int64? {
        let bytes = [UInt8](text.utf8)
        // 15 digits reach past the year 9999 in seconds and stay far from overflow in milliseconds.
        if !bytes.isEmpty, bytes.count <= 15, bytes.allSatisfy(Self.isDigit) { return Int64(text).map { $0 * 1000 } }
        var scanner = Scanner(bytes: bytes)
        guard let date = scanner.date(), scanner.isAtEnd else { return nil }
        return date
    }

    /// `2024-02-29T12:00:00Z`, without fraction.
    static func text(_ milliseconds: Int64) -> String {
        let days = Self.floorDivide(milliseconds, Self.millisecondsPerDay)
        let seconds = (milliseconds - days * Self.millisecondsPerDay) / 1000
        let (year, month, day) = Self.civil(days)
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(year)-\(two(month))-\(two(day))T\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60))Z"
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : (a - b + 1) / b }

    /// Days since 1970-01-01 of a date of the Gregorian calendar: the year starts in March, so that the leap day is its last, and 400 years
    /// have 146,097 days (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    fileprivate static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = Self.floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func civil(_ days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = Self.floorDivide(shifted, 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private struct Scanner {
        let bytes: [UInt8]
        var position = 0

        var isAtEnd: Bool { self.position == self.bytes.count }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard self.position < self.bytes.count, self.bytes[self.position] == UInt8(ascii: character) else { return false }
            self.position += 1
            return true
        }

        mutating func number(digits: Int, in range: ClosedRange<Int64>) -> Int64? {
            guard self.position + digits <= self.bytes.count else { return nil }
            var value: Int64 = 0
            for byte in self.bytes[self.position..<self.position + digits] {
                guard PolicyDate.isDigit(byte) else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            guard range.contains(value) else { return nil }
            self.position += digits
            return value
        }

        /// YYYY-MM, YYYY-MM-DD, or the latter with a time.
        mutating func date() -> Int64? {
            guard let year = self.number(digits: 4, in: 0...9999), self.skip("-"), let month = self.number(digits: 2, in: 1...12) else {
                return nil
            }
            guard self.skip("-") else { return PolicyDate.days(year: year, month: month, day: 1) * PolicyDate.millisecondsPerDay }
            let nextMonth = PolicyDate.days(year: month == 12 ? year + 1 : year, month: month == 12 ? 1 : month + 1, day: 1)
            let lastDay = nextMonth - PolicyDate.days(year: year, month: month, day: 1)
            guard let day = self.number(digits: 2, in: 1...lastDay) else { return nil }
            let start = PolicyDate.days(year: year, month: month, day: day) * PolicyDate.millisecondsPerDay
            guard self.skip("T") || self.skip("t") else { return start }
            return self.time().map { start + $0 }
        }

        /// hh:mm, hh:mm:ss or hh:mm:ss.fff, and a zone; without one it is UTC.
        private mutating func time() -> Int64? {
            guard let hour = self.number(digits: 2, in: 0...23), self.skip(":"), let minute = self.number(digits: 2, in: 0...59) else {
                return nil
            }
            var milliseconds = (hour * 60 + minute) * 60_000
            if self.skip(":") {
                // A leap second is the first of the next minute.
                guard let second = self.number(digits: 2, in: 0...60) else { return nil }
                milliseconds += second * 1000
                if self.skip(".") {
                    guard let fraction = self.fraction() else { return nil }
                    milliseconds += fraction
                }
            }
            return self.zone().map { milliseconds - $0 }
        }

        /// Milliseconds; further digits are cut off.
        private mutating func fraction() -> Int64? {
            var value: Int64 = 0
            var count = 0
            while self.position < self.bytes.count, PolicyDate.isDigit(self.bytes[self.position]) {
                if count < 3 { value = value * 10 + Int64(self.bytes[self.position] - UInt8(ascii: "0")) }
                count += 1
                self.position += 1
            }
            switch count {
            case 0: return nil
            case 1: return value * 100
            case 2: return value * 10
            default: return value
            }
        }

        /// Milliseconds east of UTC.
        private mutating func zone() -> Int64? {
            if self.isAtEnd || self.skip("Z") || self.skip("z") { return 0 }
            let isWest = self.skip("-")
            guard isWest || self.skip("+"), let hours = self.number(digits: 2, in: 0...23) else { return nil }
            _ = self.skip(":")
            let minutes = self.isAtEnd ? 0 : self.number(digits: 2, in: 0...59)
            return minutes.map { (hours * 60 + $0) * (isWest ? -60_000 : 60_000) }
        }
    }
}
