/// Reads a text by a pattern of `java.time.format.DateTimeFormatter` (JDK 11), in English.
///
/// Not taken, which makes the pattern invalid: weeks (`Y`, `w`, `W`, `F`), quarters (`Q`, `q`), narrow names (five letters), padding (`p`).
struct JavaTimeParser {
    typealias Field = JavaTimeFields.Field

    let elements: [TimePattern.Element]
    let text: [UInt8]
    var position = 0
    var fields = JavaTimeFields()

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

    mutating func skip(_ literal: String) -> Bool {
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
}
