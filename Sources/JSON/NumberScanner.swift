/// Reads one JSON number (RFC 8259 §6) from the front of some bytes, without deciding what may follow it.
struct NumberScanner {
    enum Number {
        case int(Int64)
        case decimal(JSONDecimal)

        var decimal: JSONDecimal {
            switch self {
            case .int(let value): JSONDecimal(value)
            case .decimal(let value): value
            }
        }
    }

    enum Failure: Error {
        case unexpectedEnd
        case invalid
        case outOfRange
    }

    /// Exponents are cut here while they are read: far past every range, far from overflow.
    private static let largestExponent = 100_000_000

    private let bytes: UnsafeRawBufferPointer
    /// After `scan`: the first byte behind the number, or the byte at fault.
    private(set) var position: Int

    /// The digits read so far without leading zeros, at most 34 of them.
    private var coefficient: UInt128 = 0
    /// The same while it fits a word: 19 digits.
    private var shortCoefficient: UInt64 = 0
    private var keptDigits = 0
    /// Digits behind the 34th, the first of them, and whether any later one is not zero.
    private var droppedDigits = 0
    private var firstDropped: UInt8 = 0
    private var isDroppedRestNonZero = false

    init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    private static let wordDigits = 19

    @inline(__always)
    private var next: UInt8? { self.position < self.bytes.count ? self.bytes[self.position] : nil }

    mutating func scan() -> Result<Number, Failure> {
        if let int = self.scanShortInt() { return .success(.int(int)) }
        let isNegative = self.skip(UInt8(ascii: "-"))
        guard let first = self.next else { return .failure(.unexpectedEnd) }
        if first == UInt8(ascii: "0") {
            self.position += 1
        } else if self.scanDigits() == 0 {
            return .failure(.invalid)
        }
        var isWhole = true
        var exponent = 0
        if self.skip(UInt8(ascii: ".")) {
            isWhole = false
            let count = self.scanDigits()
            if count == 0 { return .failure(self.next == nil ? .unexpectedEnd : .invalid) }
            exponent = -count
        }
        if let letter = self.next, letter | 0x20 == UInt8(ascii: "e") {
            self.position += 1
            isWhole = false
            guard let written = self.scanExponent() else { return .failure(self.next == nil ? .unexpectedEnd : .invalid) }
            exponent += written
        }
        if isWhole, let int = self.int(isNegative: isNegative) { return .success(.int(int)) }
        guard let decimal = self.decimal(isNegative: isNegative, exponent: exponent) else { return .failure(.outOfRange) }
        return .success(.decimal(decimal))
    }

    /// Nearly all numbers: up to 18 digits and nothing behind them. Nil leaves the position where it was.
    private mutating func scanShortInt() -> Int64? {
        var position = self.position
        let isNegative = position < self.bytes.count && self.bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        let start = position
        var value: Int64 = 0
        while position < self.bytes.count {
            let digit = self.bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            if position - start == 18 { return nil }
            value = value &* 10 &+ Int64(digit)
            position += 1
        }
        if position == start || (self.bytes[start] == UInt8(ascii: "0") && position > start + 1) { return nil }
        if position < self.bytes.count {
            let next = self.bytes[position]
            if next == UInt8(ascii: ".") || next | 0x20 == UInt8(ascii: "e") { return nil }
        }
        self.position = position
        return isNegative ? -value : value
    }

    @inline(__always)
    private mutating func skip(_ byte: UInt8) -> Bool {
        guard self.next == byte else { return false }
        self.position += 1
        return true
    }

    /// Returns how many digits there were.
    private mutating func scanDigits() -> Int {
        let start = self.position
        while self.position < self.bytes.count {
            let digit = self.bytes[self.position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            self.position += 1
            self.take(digit)
        }
        return self.position - start
    }

    @inline(__always)
    private mutating func take(_ digit: UInt8) {
        if self.keptDigits < Self.wordDigits {
            self.shortCoefficient = self.shortCoefficient &* 10 &+ UInt64(digit)
            // Leading zeros do not count.
            if self.shortCoefficient != 0 { self.keptDigits += 1 }
        } else {
            self.takeLate(digit)
        }
    }

    private mutating func takeLate(_ digit: UInt8) {
        if self.keptDigits == Self.wordDigits { self.coefficient = UInt128(self.shortCoefficient) }
        if self.keptDigits < JSONDecimal.maxDigits {
            self.coefficient = self.coefficient * 10 + UInt128(digit)
            self.keptDigits += 1
        } else {
            if self.droppedDigits == 0 { self.firstDropped = digit } else if digit != 0 { self.isDroppedRestNonZero = true }
            self.droppedDigits += 1
        }
    }

    /// Nil when there is no digit.
    private mutating func scanExponent() -> Int? {
        let isNegative = self.skip(UInt8(ascii: "-"))
        if !isNegative { _ = self.skip(UInt8(ascii: "+")) }
        let start = self.position
        var value = 0
        while let byte = self.next {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            value = min(value * 10 + Int(digit), Self.largestExponent)
            self.position += 1
        }
        if self.position == start { return nil }
        return isNegative ? -value : value
    }

    /// Nil when it does not fit. "-0" is 0: whole numbers have one zero.
    private func int(isNegative: Bool) -> Int64? {
        guard self.keptDigits <= Self.wordDigits else { return nil }
        let magnitude = self.shortCoefficient
        if !isNegative { return Int64(exactly: magnitude) }
        return magnitude <= Int64.min.magnitude ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil
    }

    private func decimal(isNegative: Bool, exponent: Int) -> JSONDecimal? {
        var digits = self.keptDigits <= Self.wordDigits ? UInt128(self.shortCoefficient) : self.coefficient
        if self.firstDropped > 5 || (self.firstDropped == 5 && (self.isDroppedRestNonZero || digits & 1 == 1)) { digits += 1 }
        return JSONDecimal(isNegative: isNegative, coefficient: digits, exponent: exponent + self.droppedDigits)
    }
}
