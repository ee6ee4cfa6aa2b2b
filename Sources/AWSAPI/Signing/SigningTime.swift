/// A time in the forms that signing needs, without a calendar: UTC, Gregorian, whole seconds.
package struct SigningTime: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package let seconds: Int64

    private static let secondsPerDay: Int64 = 86_400

    package init(seconds: Int64) {
        self.seconds = seconds
    }

    /// Reads `20150830T123600Z`. Nil for anything else, impossible dates included.
    package init?(stamp: some StringProtocol) {
        let text = Array(stamp.utf8)
        guard text.count == 16, text[8] == UInt8(ascii: "T"), text[15] == UInt8(ascii: "Z"),
            let year = Self.number(text[0..<4]), let month = Self.number(text[4..<6]), let day = Self.number(text[6..<8]),
            let hour = Self.number(text[9..<11]), let minute = Self.number(text[11..<13]), let second = Self.number(text[13..<15]),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        let days = Self.days(year: year, month: month, day: day)
        self.seconds = days * Self.secondsPerDay + hour * 3600 + minute * 60 + second
        // A day that the month does not have comes back as another one.
        guard second == 60 || self.stamp == String(stamp) else { return nil }
    }

    /// `20150830T123600Z`.
    package var stamp: String {
        let date = self.date
        return "\(self.day)T\(Self.padded(date.hour))\(Self.padded(date.minute))\(Self.padded(date.second))Z"
    }

    /// `20150830`.
    package var day: String {
        let date = self.date
        return "\(Self.padded(date.year, 4))\(Self.padded(date.month))\(Self.padded(date.day))"
    }

    /// `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110 §5.6.7): SDKs correct their clock by it.
    package var httpDate: String {
        let date = self.date
        let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let days = Self.floorDivision(self.seconds, Self.secondsPerDay).quotient
        let weekday = weekdays[Int(Self.floorDivision(days, 7).remainder)]
        let time = "\(Self.padded(date.hour)):\(Self.padded(date.minute)):\(Self.padded(date.second))"
        return "\(weekday), \(Self.padded(date.day)) \(months[Int(date.month) - 1]) \(Self.padded(date.year, 4)) \(time) GMT"
    }

    package static func < (left: SigningTime, right: SigningTime) -> Bool {
        left.seconds < right.seconds
    }

    func advanced(bySeconds seconds: Int64) -> SigningTime {
        SigningTime(seconds: self.seconds + seconds)
    }

    // MARK: Calendar

    private typealias Fields = (year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64)

    /// Howard Hinnant's `civil_from_days` (https://howardhinnant.github.io/date_algorithms.html): years begin in March, so that the leap
    /// day is the last of the year and month lengths follow (153 m + 2) / 5.
    private var date: Fields {
        let (days, second) = Self.floorDivision(self.seconds, Self.secondsPerDay)
        let (era, dayOfEra) = Self.floorDivision(days + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1,
            second / 3600, second / 60 % 60, second % 60
        )
    }

    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = Self.floorDivision(shiftedYear, 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func floorDivision(_ value: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            ? digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) } : nil
    }

    private static func padded(_ number: Int64, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
