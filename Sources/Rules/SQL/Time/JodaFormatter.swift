/// Writes a moment by a pattern of Joda-Time's `DateTimeFormat`, in English.
struct JodaFormatter {
    private let moment: Int64
    private let zone: TimeZoneRules
    private let time: CivilTime
    private let offsetSeconds: Int

    /// Nil when the moment is outside of `CivilTime.milliseconds`.
    init?(milliseconds: Int64, zone: TimeZoneRules) {
        guard CivilTime.milliseconds.contains(milliseconds) else { return nil }
        self.moment = milliseconds
        self.zone = zone
        self.offsetSeconds = zone.offsetSeconds(atMilliseconds: milliseconds)
        self.time = CivilTime(milliseconds: milliseconds + Int64(self.offsetSeconds) * 1000)
    }

    /// Nil when the pattern has a letter that Joda-Time has not.
    func text(_ pattern: TimePattern) -> String? {
        var result = ""
        for element in pattern.elements {
            switch element {
            case .literal(let text): result += text
            case .field(let letter, let count):
                guard let text = self.field(letter, count) else { return nil }
                result += text
            case .optionalStart, .optionalEnd: return nil
            }
        }
        return result
    }

    private func field(_ letter: Character, _ count: Int) -> String? {
        switch letter {
        case "G": self.time.year > 0 ? "AD" : "BC"
        case "C": Self.number(self.yearOfEra / 100, count)
        case "Y": Self.year(self.yearOfEra, count)
        case "y": Self.year(self.time.year, count)
        case "x": Self.year(self.time.week.year, count)
        case "w": Self.number(self.time.week.week, count)
        case "e": Self.number(self.time.dayOfWeek, count)
        case "E": Self.name(TimeNames.days[self.time.dayOfWeek - 1], count)
        case "D": Self.number(self.time.dayOfYear, count)
        case "M": count >= 3 ? Self.name(TimeNames.months[self.time.month - 1], count) : Self.number(self.time.month, count)
        case "d": Self.number(self.time.day, count)
        case "a", "K", "h", "H", "k", "m", "s", "S": self.timeOfDay(letter, count)
        case "z": count >= 4 ? self.zone.longName(atMilliseconds: self.moment) : self.zone.shortName(atMilliseconds: self.moment)
        case "Z":
            count >= 3 ? self.zone.id : TimeZoneRules.offsetText(self.offsetSeconds, separator: count == 2 ? ":" : "")
        default: nil
        }
    }

    private func timeOfDay(_ letter: Character, _ count: Int) -> String? {
        let hour = self.time.hour
        return switch letter {
        case "a": hour < 12 ? "AM" : "PM"
        case "K": Self.number(hour % 12, count)
        case "h": Self.number(hour % 12 == 0 ? 12 : hour % 12, count)
        case "H": Self.number(hour, count)
        case "k": Self.number(hour == 0 ? 24 : hour, count)
        case "m": Self.number(self.time.minute, count)
        case "s": Self.number(self.time.second, count)
        default: self.fraction(count)
        }
    }

    private var yearOfEra: Int { self.time.year > 0 ? self.time.year : 1 - self.time.year }

    /// `S…`: as many digits of the fraction of a second as there are letters; it has three, the rest are zeros.
    private func fraction(_ count: Int) -> String {
        let digits = Self.number(self.time.millisecond, 3)
        return count <= 3 ? String(digits.prefix(count)) : digits + String(repeating: "0", count: count - 3)
    }

    /// Two letters are two digits.
    private static func year(_ year: Int, _ count: Int) -> String {
        count == 2 ? self.number(abs(year) % 100, 2) : self.number(year, count)
    }

    private static func number(_ value: Int, _ width: Int) -> String {
        let digits = String(abs(value))
        return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func name(_ name: String, _ count: Int) -> String { count >= 4 ? name : TimeNames.short(name) }
}
