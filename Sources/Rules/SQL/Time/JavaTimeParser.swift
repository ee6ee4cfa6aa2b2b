/// Reads a text by a pattern of `java.time.format.DateTimeFormatter` (JDK 11), in English.
///
/// Not taken, which makes the pattern invalid: weeks (`Y`, `w`, `W`, `F`), quarters (`Q`, `q`), narrow names (five letters), padding (`p`).
struct JavaTimeParser {
    private typealias Field = JavaTimeFields.Field

    private let elements: [TimePattern.Element]
    private let text: [UInt8]
    private var position = 0
    private var fields = JavaTimeFields()

    private init(_ text: String, _ pattern: TimePattern) {
        self.elements = pattern.elements
        self.text = Array(text.utf8)
    }

    /// Milliseconds since 1970; nil when the text does not match the pattern or names no moment.
    static func milliseconds(_ text: String, _ pattern: TimePattern) -> Int64? {
        var parser = JavaTimeParser(text, pattern)
        guard parser.read(0..<pattern.elements.count), parser.position == parser.text.count else { return nil }
        return parser.fields.milliseconds
    }

    /// The first field of a pattern that means nothing here.
    static func unknownField(in pattern: TimePattern) -> String? {
        for element in pattern.elements {
            guard case .field(let letter, let count) = element, !self.isKnown(letter, count) else { continue }
            return String(repeating: letter, count: count)
        }
        return nil
    }

    private static func isKnown(_ letter: Character, _ count: Int) -> Bool {
        switch letter {
        case "G", "M", "L", "E": count <= 4
        case "u", "y": count <= 19
        case "d", "H", "h", "K", "k", "m", "s", "e", "c": count <= 2
        case "D": count <= 3
        case "S": count <= 9
        case "A", "n", "N": count <= 19
        case "a": count == 1
        case "V": count == 2
        case "z": count <= 4
        case "O": count == 1 || count == 4
        case "X", "x", "Z": count <= 5
        default: false
        }
    }

    // MARK: elements

    /// `[…]` is read or, where it does not match, nothing. Nests no deeper than the pattern is long, which is `TimePattern.maxLength`.
    private mutating func read(_ range: Range<Int>) -> Bool {
        var index = range.lowerBound
        while index < range.upperBound {
            switch self.elements[index] {
            case .literal(let text): guard self.skip(text) else { return false }
            case .field(let letter, let count): guard self.field(letter, count, at: index) else { return false }
            case .optionalStart:
                let end = self.endOfOptional(from: index)
                let before = (self.position, self.fields)
                if !self.read((index + 1)..<end) { (self.position, self.fields) = before }
                index = end
            case .optionalEnd: break
            }
            index += 1
        }
        return true
    }

    private func endOfOptional(from start: Int) -> Int {
        var depth = 0
        for index in start..<self.elements.count {
            if self.elements[index] == .optionalStart { depth += 1 }
            if self.elements[index] == .optionalEnd { depth -= 1 }
            if depth == 0 { return index }
        }
        return self.elements.count
    }

    private mutating func skip(_ literal: String) -> Bool {
        guard self.text[self.position...].starts(with: literal.utf8) else { return false }
        self.position += literal.utf8.count
        return true
    }

    private mutating func field(_ letter: Character, _ count: Int, at index: Int) -> Bool {
        switch letter {
        case "G": return self.name(count == 4 ? ["Before Christ", "Anno Domini"] : ["BC", "AD"], .era, from: 0)
        case "u": return self.year(.year, count, at: index)
        case "y": return self.year(.yearOfEra, count, at: index)
        case "M", "L": return self.month(count, at: index)
        case "d": return self.number(.day, count, at: index)
        case "D": return self.number(.dayOfYear, minimum: count, maximum: count == 1 ? 19 : 3, at: index)
        case "E": return self.name(count == 4 ? TimeNames.days : TimeNames.days.map(TimeNames.short), .dayOfWeek, from: 1)
        case "e", "c": return self.localDayOfWeek(count, at: index)
        case "a": return self.name(["AM", "PM"], .halfDay, from: 0)
        case "H": return self.number(.hourOfDay, count, at: index)
        case "k": return self.number(.hourOfDay, count, at: index, wrapsAt: 24)
        case "K": return self.number(.hourOfHalfDay, count, at: index, below: 12)
        case "h": return self.number(.hourOfHalfDay, count, at: index, wrapsAt: 12)
        case "m": return self.number(.minute, count, at: index)
        case "s": return self.number(.second, count, at: index)
        case "S": return self.fraction(count)
        case "A": return self.number(.milliOfDay, minimum: count, maximum: 19, at: index)
        case "n": return self.number(.millisecond, minimum: count, maximum: 19, at: index, nanosecondsBelow: 1_000_000_000)
        case "N": return self.number(.milliOfDay, minimum: count, maximum: 19, at: index, nanosecondsBelow: 86_400_000_000_000)
        case "V": return self.zone()
        case "z": return self.zone()
        case "O", "X", "x", "Z": return self.offset(letter, count)
        default: return false
        }
    }

    // MARK: numbers

    private static let maxDigits = 18

    /// Digits from here on, at most `maximum`, of which the fixed-width numbers behind take theirs. Nil when there are fewer than `minimum`.
    private mutating func digits(minimum: Int, maximum: Int, at index: Int) -> Int? {
        let following = maximum > minimum ? self.fixedDigits(behind: index) : 0
        let found = self.text[self.position...].prefix(min(maximum, Self.maxDigits) + following).prefix(while: Lexer.isDigit).count
        let length = following > 0 ? max(minimum, found - following) : found
        guard found >= length, length >= minimum, length > 0, length <= Self.maxDigits else { return nil }
        let value = self.text[self.position..<(self.position + length)].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        self.position += length
        return value
    }

    /// Digits that the numbers directly behind need: `yyyyMMdd` reads the year up to the last four.
    private func fixedDigits(behind index: Int) -> Int {
        var sum = 0
        for element in self.elements[(index + 1)...] {
            guard case .field(let letter, let count) = element, let width = Self.fixedWidth(letter, count) else { break }
            sum += width
        }
        return sum
    }

    private static func fixedWidth(_ letter: Character, _ count: Int) -> Int? {
        switch letter {
        case "M", "L", "d", "H", "h", "K", "k", "m", "s", "y", "u": count == 2 ? 2 : nil
        case "D": count == 3 ? 3 : nil
        // A fraction takes its digits as they come.
        case "S": count
        default: nil
        }
    }

    private mutating func number(
        _ field: Field, _ count: Int, at index: Int, below limit: Int = .max, wrapsAt wrap: Int? = nil
    ) -> Bool {
        guard let value = self.digits(minimum: count, maximum: count == 1 ? 19 : count, at: index), value < limit else { return false }
        guard let wrap else { return self.fields.set(field, value) }
        // Clock hours go from 1 to 12 or 24, and the last is the first.
        guard (1...wrap).contains(value) else { return false }
        return self.fields.set(field, value == wrap ? 0 : value)
    }

    private mutating func number(
        _ field: Field, minimum: Int, maximum: Int, at index: Int, nanosecondsBelow limit: Int? = nil
    ) -> Bool {
        guard let value = self.digits(minimum: minimum, maximum: maximum, at: index) else { return false }
        guard let limit else { return self.fields.set(field, value) }
        return value < limit && self.fields.set(field, value / 1_000_000)
    }

    /// Two letters are two digits of 2000 … 2099; four or more take more digits only behind a sign.
    private mutating func year(_ field: Field, _ count: Int, at index: Int) -> Bool {
        if count == 2 {
            guard let value = self.digits(minimum: 2, maximum: 2, at: index) else { return false }
            return self.fields.set(field, 2000 + value)
        }
        let isNegative = self.skip("-")
        let isPositive = !isNegative && self.skip("+")
        if isPositive && count < 4 { return false }
        let start = self.position
        guard let value = self.digits(minimum: count, maximum: 19, at: index) else { return false }
        let length = self.position - start
        if count >= 4 && !isNegative && (length > count) != isPositive { return false }
        return self.fields.set(field, isNegative ? -value : value)
    }

    private mutating func month(_ count: Int, at index: Int) -> Bool {
        switch count {
        case 1, 2: self.number(.month, count, at: index)
        case 3: self.name(TimeNames.months.map(TimeNames.short), .month, from: 1)
        default: self.name(TimeNames.months, .month, from: 1)
        }
    }

    /// In the United States a week begins on Sunday.
    private mutating func localDayOfWeek(_ count: Int, at index: Int) -> Bool {
        guard let value = self.digits(minimum: count, maximum: count, at: index), (1...7).contains(value) else { return false }
        return self.fields.set(.dayOfWeek, value == 1 ? 7 : value - 1)
    }

    /// Exactly as many digits as letters; what is below a millisecond is cut off.
    private mutating func fraction(_ count: Int) -> Bool {
        let digits = self.text[self.position...].prefix(count).prefix(while: Lexer.isDigit)
        guard digits.count == count else { return false }
        self.position += count
        let padded = digits.prefix(3) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - count))
        return self.fields.set(.millisecond, padded.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }

    // MARK: texts

    /// The longest name that is here; letter case counts.
    private mutating func name(_ names: [String], _ field: Field, from first: Int) -> Bool {
        var best: (index: Int, length: Int)?
        for (index, name) in names.enumerated() where self.text[self.position...].starts(with: name.utf8) {
            if name.utf8.count > best?.length ?? 0 { best = (index, name.utf8.count) }
        }
        guard let best else { return false }
        self.position += best.length
        return self.fields.set(field, best.index + first)
    }

    /// A region, an offset, `UTC` with or without an offset, or an abbreviation.
    private mutating func zone() -> Bool {
        let run = self.text[self.position...].prefix(while: Self.isZoneByte).prefix(Self.longestZone)
        var length = run.count
        // What follows the zone may look like a part of it.
        while length > 0 {
            let name = String(decoding: run.prefix(length), as: UTF8.self)
            let id = TimeZoneRules.regionsByAbbreviation[name] ?? name
            if let zone = TimeZoneRules(id: id) {
                self.position += length
                self.fields.zone = zone
                return true
            }
            length -= 1
        }
        return false
    }

    private static let longestZone = 48

    private static func isZoneByte(_ byte: UInt8) -> Bool {
        (byte < 0x80 && Lexer.isWordStart(byte)) || Lexer.isDigit(byte) || "/+-:".utf8.contains(byte)
    }

    /// `X` takes `Z` for zero, `x` and `Z` do not; the number of letters says whether there are minutes, seconds and colons.
    private mutating func offset(_ letter: Character, _ count: Int) -> Bool {
        let isLocalized = letter == "O" || (letter == "Z" && count == 4)
        if isLocalized && !self.skip("GMT") { return false }
        if (letter == "X" || (letter == "Z" && count == 5)) && self.skip("Z") {
            self.fields.zone = .utc
            return true
        }
        let hasColons = isLocalized || (letter == "Z" ? count == 5 : count == 3 || count == 5)
        let isOffset: (UInt8) -> Bool = { Lexer.isDigit($0) || (hasColons && $0 == UInt8(ascii: ":")) }
        guard let sign = self.text[self.position...].first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            // "GMT" alone is zero.
            if isLocalized { self.fields.zone = .utc }
            return isLocalized
        }
        let run = self.text[(self.position + 1)...].prefix(while: isOffset).prefix(8)
        let lengths = Self.offsetLengths(letter, count, hasColons: hasColons)
        guard let length = lengths.first(where: { $0 <= run.count }) else { return false }
        let written = String(decoding: [sign] + run.prefix(length), as: UTF8.self)
        guard let seconds = TimeZoneRules.offset(written[...]) else { return false }
        self.position += 1 + length
        self.fields.zone = TimeZoneRules(offsetSeconds: seconds)
        return true
    }

    /// Bytes behind the sign, the longest first.
    private static func offsetLengths(_ letter: Character, _ count: Int, hasColons: Bool) -> [Int] {
        switch (letter, count) {
        case ("O", 1): [8, 5, 2, 1]
        case ("O", _): [8, 5]
        case ("Z", 4), ("Z", 5): [8, 5]
        case ("Z", _): [4]
        case (_, 1): [4, 2]
        case (_, 2): [4]
        case (_, 3): [5]
        case (_, 4): [6, 4]
        default: [8, 5]
        }
    }
}
