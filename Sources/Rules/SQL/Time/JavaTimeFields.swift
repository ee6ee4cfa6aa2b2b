/// What a text said of a time, field by field, and the moment that it makes (`java.time`, resolver style SMART).
struct JavaTimeFields {
    enum Field: Hashable {
        case era, year, yearOfEra, month, day, dayOfYear, dayOfWeek
        case halfDay, hourOfHalfDay, hourOfDay, minute, second, millisecond, milliOfDay
    }

    private(set) var values: [Field: Int] = [:]
    var zone: TimeZoneRules?

    /// False when the field was given before with another value.
    mutating func set(_ field: Field, _ value: Int) -> Bool {
        if let old = self.values[field] { return old == value }
        self.values[field] = value
        return true
    }

    /// Milliseconds since 1970; UTC when no zone was given. Nil when there is no such time or no whole date.
    var milliseconds: Int64? {
        guard var time = self.date, let clock = self.clock else { return nil }
        if let day = self.values[.dayOfWeek], day != time.dayOfWeek { return nil }
        time.secondOfDay = clock.second
        time.millisecond = clock.millisecond
        // 24:00 is the next day's 0:00.
        let day = clock.isEndOfDay ? CivilTime.secondsPerDay * 1000 : 0
        let result = (self.zone ?? .utc).milliseconds(showing: time) + day
        return CivilTime.milliseconds.contains(result) ? result : nil
    }

    private var date: CivilTime? {
        guard let year = self.resolvedYear, (-9998...9998).contains(year) else { return nil }
        if let dayOfYear = self.values[.dayOfYear] {
            guard dayOfYear >= 1, dayOfYear <= (CivilTime.isLeap(year) ? 366 : 365) else { return nil }
            let first = CivilTime(year: year, month: 1, day: 1)
            return CivilTime(milliseconds: Int64(first.days + dayOfYear - 1) * CivilTime.secondsPerDay * 1000)
        }
        guard let month = self.values[.month], let day = self.values[.day], (1...12).contains(month), (1...31).contains(day) else {
            return nil
        }
        // SMART: the 31st of a shorter month is its last day.
        return CivilTime(year: year, month: month, day: min(day, CivilTime.days(inMonth: month, of: year)))
    }

    private var resolvedYear: Int? {
        if let year = self.values[.year] { return year }
        guard let year = self.values[.yearOfEra], year > 0 else { return nil }
        return self.values[.era] == 0 ? 1 - year : year
    }

    private var clock: (second: Int, millisecond: Int, isEndOfDay: Bool)? {
        if let milli = self.values[.milliOfDay] {
            guard (0..<86_400_000).contains(milli) else { return nil }
            return (milli / 1000, milli % 1000, false)
        }
        var hour = self.values[.hourOfDay] ?? 0
        if self.values[.hourOfDay] == nil, let half = self.values[.hourOfHalfDay] {
            guard let noon = self.values[.halfDay] else { return nil }
            hour = half + 12 * noon
        }
        let minute = self.values[.minute] ?? 0
        let second = self.values[.second] ?? 0
        let millisecond = self.values[.millisecond] ?? 0
        guard (0...24).contains(hour), (0..<60).contains(minute), (0..<60).contains(second) else { return nil }
        if hour == 24 { return minute + second + millisecond == 0 ? (0, 0, true) : nil }
        return (hour * 3600 + minute * 60 + second, millisecond, false)
    }
}
