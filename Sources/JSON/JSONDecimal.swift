/// A decimal number: sign × coefficient × 10^exponent with up to 34 digits, the range of IEEE 754 decimal128.
///
/// It keeps the digits it was written with, so "1.50" comes back as "1.50"; comparison is by value. Sixteen bytes, so that a
/// `JSONValue` stays at 24: the sign in the topmost bit, 14 bits of biased exponent, 113 bits of coefficient.
package struct JSONDecimal: Sendable {
    /// Significant digits that are kept.
    package static let maxDigits = 34
    /// The exponent of the coefficient's last digit.
    package static let exponents = -6176...6111

    private static let coefficientHighBits: UInt64 = 49
    private static let bias = 6176

    private let high: UInt64
    private let low: UInt64

    /// The caller keeps the coefficient below 10^34 and the exponent in `exponents`.
    private init(isNegative: Bool, coefficient: UInt128, storedExponent: Int) {
        let biased = UInt64(truncatingIfNeeded: storedExponent + Self.bias)
        let top = UInt64(truncatingIfNeeded: coefficient >> 64)
        self.high = (isNegative ? 1 << 63 : 0) | biased << Self.coefficientHighBits | top
        self.low = UInt64(truncatingIfNeeded: coefficient)
    }

    package var isNegative: Bool { self.high >> 63 != 0 }

    /// The digits as a whole number, below 10^34.
    package var coefficient: UInt128 {
        UInt128(self.high & (1 << Self.coefficientHighBits - 1)) << 64 | UInt128(self.low)
    }

    /// The power of ten of the coefficient's last digit: -2 for 1.50.
    package var exponent: Int {
        Int(self.high >> Self.coefficientHighBits & 0x3FFF) - Self.bias
    }

    package var isZero: Bool { self.coefficient == 0 }

    package init(_ value: Int64) {
        self.init(isNegative: value < 0, coefficient: UInt128(value.magnitude), storedExponent: 0)
    }

    /// Nil when the value has more than 34 digits or lies outside the range; zero takes the nearest exponent there is.
    package init?(isNegative: Bool, coefficient: UInt128, exponent: Int) {
        var coefficient = coefficient
        var exponent = exponent
        if coefficient == 0 {
            exponent = Swift.min(Swift.max(exponent, Self.exponents.lowerBound), Self.exponents.upperBound)
        }
        while coefficient >= PowersOfTen.limit || exponent < Self.exponents.lowerBound {
            let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { return nil }
            coefficient = quotient
            exponent += 1
        }
        if exponent > Self.exponents.upperBound {
            let missing = exponent - Self.exponents.upperBound
            guard missing <= Self.maxDigits - PowersOfTen.digits(of: coefficient) else { return nil }
            coefficient *= PowersOfTen[missing]
            exponent = Self.exponents.upperBound
        }
        self.init(isNegative: isNegative, coefficient: coefficient, storedExponent: exponent)
    }

    /// The shortest decimal that reads back as `value`; nil when it is infinite or not a number.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.init(value.description)
    }

    package static prefix func - (value: JSONDecimal) -> JSONDecimal {
        JSONDecimal(isNegative: !value.isNegative, coefficient: value.coefficient, storedExponent: value.exponent)
    }

    /// The value when it is whole and fits.
    package var int64: Int64? {
        let (coefficient, exponent) = self.normalized
        // 10^18 is the largest power of ten in an Int64.
        guard exponent >= 0, exponent <= 18, coefficient <= UInt128(UInt64.max) else { return nil }
        let (magnitude, overflow) = coefficient.multipliedReportingOverflow(by: PowersOfTen[exponent])
        guard !overflow, magnitude <= UInt128(Int64.min.magnitude) else { return nil }
        if self.isNegative { return Int64(truncatingIfNeeded: 0 &- UInt64(truncatingIfNeeded: magnitude)) }
        return Int64(exactly: magnitude)
    }

    /// The nearest `Double`; infinite when the value is too large for one.
    package var doubleValue: Double { Double(self.description) ?? .nan }

    /// Coefficient without trailing zeros and its exponent; zero is (0, 0).
    var normalized: (coefficient: UInt128, exponent: Int) {
        var coefficient = self.coefficient
        var exponent = self.exponent
        if coefficient == 0 { return (0, 0) }
        // At most 33 rounds: a coefficient has no more digits.
        while true {
            let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
            if remainder != 0 { return (coefficient, exponent) }
            coefficient = quotient
            exponent += 1
        }
    }
}

extension JSONDecimal: Comparable, Hashable {
    package static func == (a: JSONDecimal, b: JSONDecimal) -> Bool {
        if a.high == b.high && a.low == b.low { return true }
        let left = a.normalized
        let right = b.normalized
        return left == right && (a.isNegative == b.isNegative || left.coefficient == 0)
    }

    package static func < (a: JSONDecimal, b: JSONDecimal) -> Bool {
        switch (a.isZero, b.isZero) {
        case (true, true): false
        case (true, false): !b.isNegative
        case (false, true): a.isNegative
        case (false, false):
            if a.isNegative != b.isNegative {
                a.isNegative
            } else if a.isNegative {
                Self.isMagnitudeLess(b, a)
            } else {
                Self.isMagnitudeLess(a, b)
            }
        }
    }

    /// Neither is zero.
    private static func isMagnitudeLess(_ a: JSONDecimal, _ b: JSONDecimal) -> Bool {
        let left = a.coefficient
        let right = b.coefficient
        // The power of ten of the leading digit decides unless it is the same; then the shorter one is padded to the same length.
        let leftLength = PowersOfTen.digits(of: left)
        let rightLength = PowersOfTen.digits(of: right)
        let leftTop = a.exponent + leftLength
        let rightTop = b.exponent + rightLength
        if leftTop != rightTop { return leftTop < rightTop }
        if leftLength < rightLength { return left * PowersOfTen[rightLength - leftLength] < right }
        return left < right * PowersOfTen[leftLength - rightLength]
    }

    package func hash(into hasher: inout Hasher) {
        // As an `int` of the same value, which is equal to it.
        if let int = self.int64 {
            hasher.combine(int)
            return
        }
        let (coefficient, exponent) = self.normalized
        hasher.combine(self.isNegative)
        hasher.combine(UInt64(truncatingIfNeeded: coefficient))
        hasher.combine(UInt64(truncatingIfNeeded: coefficient >> 64))
        hasher.combine(exponent)
    }
}

/// 10^0 … 10^34.
enum PowersOfTen {
    private static let table: [UInt128] = (0...JSONDecimal.maxDigits).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

    /// The first coefficient that is too large.
    static let limit: UInt128 = 10_000_000_000_000_000_000_000_000_000_000_000

    /// `power` is in 0...34.
    static subscript(power: Int) -> UInt128 { self.table[power] }

    /// Decimal digits of a coefficient; 1 for zero.
    static func digits(of coefficient: UInt128) -> Int {
        var count = 1
        while count < self.table.count && coefficient >= self.table[count] { count += 1 }
        return count
    }
}
