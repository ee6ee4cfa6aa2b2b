import Foundation

/// A time zone: a fixed offset or a region of the tz database. Foundation is asked for offsets and names, for nothing else.
struct TimeZoneRules {
    private enum Source {
        case fixed(seconds: Int)
        case region(TimeZone)
    }

    private static let maxNameLength = 64
    /// Java's `ZoneOffset` goes to 18 hours.
    private static let maxOffsetSeconds = 18 * 3600

    let id: String
    private let source: Source

    static let utc = TimeZoneRules(id: "UTC", source: .fixed(seconds: 0))

    private init(id: String, source: Source) {
        self.id = id
        self.source = source
    }

    init(offsetSeconds: Int) {
        self.init(id: offsetSeconds == 0 ? "UTC" : Self.offsetText(offsetSeconds, separator: ":"), source: .fixed(seconds: offsetSeconds))
    }

    /// `UTC`, `GMT+2`, `UTC+01:00`, `+02:00`, `Z`, or a region such as `America/Belize`.
    init?(id: String) {
        switch id {
        case "UTC", "GMT", "UT", "Z", "Etc/UTC", "Etc/GMT", "Zulu":
            self.init(id: id == "Z" ? "UTC" : id, source: .fixed(seconds: 0))
            return
        default: break
        }
        for prefix in ["UTC", "GMT", "UT", ""] where id.hasPrefix(prefix) {
            let rest = id.dropFirst(prefix.count)
            guard let sign = rest.first, sign == "+" || sign == "-" else { continue }
            guard let seconds = Self.offset(rest) else { return nil }
            self.init(id: id, source: .fixed(seconds: seconds))
            return
        }
        guard let region = Self.region(id) else { return nil }
        self.init(id: id, source: .region(region))
    }

    private static func region(_ id: String) -> TimeZone? {
        // Foundation looks for files of this name.
        let isPlain =
            id.utf8.count <= self.maxNameLength
            && id.utf8.allSatisfy { Lexer.isWordStart($0) || Lexer.isDigit($0) || "/-+".utf8.contains($0) }
        guard isPlain, id.utf8.allSatisfy({ $0 < 0x80 }), let first = id.utf8.first, Lexer.isWordStart(first) else { return nil }
        return TimeZone(identifier: id)
    }

    /// `+H`, `+HH`, `+HHMM`, `+HH:MM`, `+HHMMSS`, `+HH:MM:SS`, seconds east of Greenwich.
    static func offset(_ text: Substring) -> Int? {
        guard let sign = text.first, sign == "+" || sign == "-" else { return nil }
        let rest = text.dropFirst()
        var digits = rest.filter { $0 != ":" }
        guard digits.utf8.allSatisfy(Lexer.isDigit), rest.first != ":", rest.last != ":" else { return nil }
        if digits.count == 1 { digits = "0" + digits }
        guard [2, 4, 6].contains(digits.count) else { return nil }
        let colons = rest.count - digits.count
        guard colons <= 0 || colons == digits.count / 2 - 1 else { return nil }
        let parts = stride(from: 0, to: digits.count, by: 2).map { Int(digits.dropFirst($0).prefix(2)) ?? 0 }
        guard parts.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        let seconds = parts[0] * 3600 + (parts.count > 1 ? parts[1] * 60 : 0) + (parts.count > 2 ? parts[2] : 0)
        guard seconds <= self.maxOffsetSeconds else { return nil }
        return sign == "-" ? -seconds : seconds
    }

    /// `+01:00`, with seconds only when there are any.
    static func offsetText(_ seconds: Int, separator: String) -> String {
        let magnitude = abs(seconds)
        var parts = [magnitude / 3600, magnitude / 60 % 60]
        if magnitude % 60 != 0 { parts.append(magnitude % 60) }
        let digits = parts.map { $0 < 10 ? "0\($0)" : "\($0)" }
        return (seconds < 0 ? "-" : "+") + digits.joined(separator: separator)
    }

    /// Seconds east of Greenwich; the time is within `CivilTime.milliseconds`, give or take a day.
    func offsetSeconds(atMilliseconds milliseconds: Int64) -> Int {
        switch self.source {
        case .fixed(let seconds): seconds
        case .region(let zone): zone.secondsFromGMT(for: Self.date(milliseconds))
        }
    }

    /// The moment at which clocks of the zone show a time. Twice shown: the first, as java.time has it. Never shown: as if the clocks had not
    /// yet been put forward.
    func milliseconds(showing local: CivilTime) -> Int64 {
        let dayMilliseconds = CivilTime.secondsPerDay * 1000
        let shown = local.milliseconds
        let before = self.offsetSeconds(atMilliseconds: shown - dayMilliseconds)
        let after = self.offsetSeconds(atMilliseconds: shown + dayMilliseconds)
        for offset in [before, after] {
            let candidate = shown - Int64(offset) * 1000
            if self.offsetSeconds(atMilliseconds: candidate) == offset { return candidate }
        }
        return shown - Int64(before) * 1000
    }

    /// "CET", "CEST"; an offset for a zone without names.
    func shortName(atMilliseconds milliseconds: Int64) -> String {
        guard case .region(let zone) = self.source else { return self.id }
        let isSummer = zone.isDaylightSavingTime(for: Self.date(milliseconds))
        let name = zone.localizedName(for: isSummer ? .shortDaylightSaving : .shortStandard, locale: Self.english)
        if let name, !name.hasPrefix("GMT") { return name }
        if let names = Self.abbreviations[zone.localizedName(for: .standard, locale: Self.english) ?? ""] {
            // London has the name of Greenwich in winter, but not in summer.
            return isSummer ? names.summer : names.winter
        }
        return name ?? Self.offsetText(self.offsetSeconds(atMilliseconds: milliseconds), separator: ":")
    }

    func longName(atMilliseconds milliseconds: Int64) -> String {
        guard case .region(let zone) = self.source else { return self.id == "UTC" ? "Coordinated Universal Time" : self.id }
        let isSummer = zone.isDaylightSavingTime(for: Self.date(milliseconds))
        return zone.localizedName(for: isSummer ? .daylightSaving : .standard, locale: Self.english) ?? self.id
    }

    private static let english = Locale(identifier: "en_US")

    private static func date(_ milliseconds: Int64) -> Date { Date(timeIntervalSince1970: Double(milliseconds) / 1000) }

    /// Abbreviations that Java has and the English of ICU has not.
    private static let abbreviations: [String: (winter: String, summer: String)] = [
        "Arabian Standard Time": ("AST", "ADT"), "Argentina Standard Time": ("ART", "ARST"),
        "Australian Central Standard Time": ("ACST", "ACDT"), "Australian Eastern Standard Time": ("AEST", "AEDT"),
        "Australian Western Standard Time": ("AWST", "AWDT"), "Brasilia Standard Time": ("BRT", "BRST"),
        "Central Africa Time": ("CAT", "CAT"), "Central European Standard Time": ("CET", "CEST"),
        "Chile Standard Time": ("CLT", "CLST"), "China Standard Time": ("CST", "CDT"), "Colombia Standard Time": ("COT", "COST"),
        "East Africa Time": ("EAT", "EAT"), "Eastern European Standard Time": ("EET", "EEST"),
        "Greenwich Mean Time": ("GMT", "BST"), "Gulf Standard Time": ("GST", "GST"), "Hong Kong Standard Time": ("HKT", "HKST"),
        "India Standard Time": ("IST", "IST"), "Indochina Time": ("ICT", "ICT"), "Iran Standard Time": ("IRST", "IRDT"),
        "Israel Standard Time": ("IST", "IDT"), "Japan Standard Time": ("JST", "JDT"), "Korean Standard Time": ("KST", "KDT"),
        "Moscow Standard Time": ("MSK", "MSD"), "New Zealand Standard Time": ("NZST", "NZDT"), "Pakistan Standard Time": ("PKT", "PKST"),
        "Peru Standard Time": ("PET", "PEST"), "Singapore Standard Time": ("SGT", "SGT"), "South Africa Standard Time": ("SAST", "SAST"),
        "West Africa Standard Time": ("WAT", "WAST"), "Western European Standard Time": ("WET", "WEST"),
        "Western Indonesia Time": ("WIB", "WIB"),
    ]

    /// What the short names of texts mean, where they are no ids of their own.
    static let regionsByAbbreviation: [String: String] = [
        "EST": "America/New_York", "EDT": "America/New_York", "CST": "America/Chicago", "CDT": "America/Chicago",
        "MST": "America/Denver", "MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
        "AKST": "America/Anchorage", "AKDT": "America/Anchorage", "HST": "Pacific/Honolulu", "BST": "Europe/London",
        "WET": "Europe/Lisbon", "WEST": "Europe/Lisbon", "CET": "Europe/Paris", "CEST": "Europe/Paris", "EET": "Europe/Bucharest",
        "EEST": "Europe/Bucharest", "MSK": "Europe/Moscow", "IST": "Asia/Kolkata", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
        "SGT": "Asia/Singapore", "HKT": "Asia/Hong_Kong", "AEST": "Australia/Sydney", "AEDT": "Australia/Sydney",
        "ACST": "Australia/Adelaide", "AWST": "Australia/Perth", "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland",
        "SAST": "Africa/Johannesburg", "EAT": "Africa/Nairobi", "BRT": "America/Sao_Paulo", "ART": "America/Argentina/Buenos_Aires",
    ]
}
