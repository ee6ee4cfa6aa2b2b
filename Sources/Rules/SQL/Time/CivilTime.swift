/// A date and time of day without a zone, in the proleptic ISO calendar; and its distance from 1970.
struct CivilTime: Equatable {
    /// What functions accept: the years -9999 … 9999, milliseconds since 1970 in UTC.
    static let milliseconds: ClosedRange<Int64> = -377_705_116_800_000...253_402_300_799_999

    static let secondsPerDay: Int64 = 86_400

    /// 0 is 1 BC.
    var year: Int
    /// 1 … 12
    var month: Int
    /// 1 … 31
    var day: Int
    /// 0 … 86,399
    var secondOfDay: Int = 0
    /// 0 … 999
    var millisecond: Int = 0

    var hour: Int { self.secondOfDay / 3600 }
    var minute: Int { self.secondOfDay / 60 % 60 }
    var second: Int { self.secondOfDay % 60 }

    init(year: Int, month: Int, day: Int, secondOfDay: Int = 0, millisecond: Int = 0) {
        self.year = year
        self.month = month
        self.day = day
        self.secondOfDay = secondOfDay
        self.millisecond = millisecond
    }

    /// Milliseconds since 1970-01-01T00:00 by the same clock.
    init(milliseconds: Int64) {
        let seconds = Self.floorDivide(milliseconds, 1000)
        let days = Self.floorDivide(seconds, Self.secondsPerDay)
        (self.year, self.month, self.day) = Self.civil(days: Int(days))
        self.secondOfDay = Int(seconds - days * Self.secondsPerDay)
        self.millisecond = Int(milliseconds - seconds * 1000)
    }

    var milliseconds: Int64 {
        (Int64(self.days) * Self.secondsPerDay + Int64(self.secondOfDay)) * 1000 + Int64(self.millisecond)
    }

    /// Since 1970-01-01.
    var days: Int {
        // Years that begin in March have the leap day at their end; eras are 400 of them, which always have 146,097 days.
        let year = self.month <= 2 ? self.year - 1 : self.year
        let era = Int(Self.floorDivide(Int64(year), 400))
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (self.month + (self.month > 2 ? -3 : 9)) + 2) / 5 + self.day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The inverse of `days`.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = Int(Self.floorDivide(Int64(shifted), 146_097))
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let (quotient, remainder) = a.quotientAndRemainder(dividingBy: b)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// Monday is 1.
    var dayOfWeek: Int { Int(((Int64(self.days) + 3) % 7 + 7) % 7) + 1 }

    /// From 1.
    var dayOfYear: Int { self.days - CivilTime(year: self.year, month: 1, day: 1).days + 1 }

    /// ISO 8601 week and the year that it belongs to: the one that has its Thursday.
    var week: (year: Int, week: Int) {
        let thursday = CivilTime(milliseconds: Int64(self.days + 4 - self.dayOfWeek) * Self.secondsPerDay * 1000)
        return (thursday.year, (thursday.dayOfYear - 1) / 7 + 1)
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// `month` is 1 … 12.
    static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: self.isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
