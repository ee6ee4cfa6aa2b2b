extension JavaTimeParser {
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

    mutating func number(
        _ field: Field, _ count: Int, at index: Int, below limit: Int = .max, wrapsAt wrap: Int? = nil
    ) -> Bool {
        guard let value = self.digits(minimum: count, maximum: count == 1 ? 19 : count, at: index), value < limit else { return false }
        guard let wrap else { return self.fields.set(field, value) }
        // Clock hours go from 1 to 12 or 24, and the last is the first.
        guard (1...wrap).contains(value) else { return false }
        return self.fields.set(field, value == wrap ? 0 : value)
    }

    mutating func number(
        _ field: Field, minimum: Int, maximum: Int, at index: Int, nanosecondsBelow limit: Int? = nil
    ) -> Bool {
        guard let value = self.digits(minimum: minimum, maximum: maximum, at: index) else { return false }
        guard let limit else { return self.fields.set(field, value) }
        return value < limit && self.fields.set(field, value / 1_000_000)
    }

    /// Two letters are two digits of 2000 … 2099; four or more take more digits only behind a sign.
    mutating func year(_ field: Field, _ count: Int, at index: Int) -> Bool {
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

    mutating func month(_ count: Int, at index: Int) -> Bool {
        switch count {
        case 1, 2: self.number(.month, count, at: index)
        case 3: self.name(TimeNames.months.map(TimeNames.short), .month, from: 1)
        default: self.name(TimeNames.months, .month, from: 1)
        }
    }

    /// In the United States a week begins on Sunday.
    mutating func localDayOfWeek(_ count: Int, at index: Int) -> Bool {
        guard let value = self.digits(minimum: count, maximum: count, at: index), (1...7).contains(value) else { return false }
        return self.fields.set(.dayOfWeek, value == 1 ? 7 : value - 1)
    }

    /// Exactly as many digits as letters; what is below a millisecond is cut off.
    mutating func fraction(_ count: Int) -> Bool {
        let digits = self.text[self.position...].prefix(count).prefix(while: Lexer.isDigit)
        guard digits.count == count else { return false }
        self.position += count
        let padded = digits.prefix(3) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - count))
        return self.fields.set(.millisecond, padded.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) })
    }
}
