import JSON

/// The direction in which a decimal goes to the next one with fewer digits.
enum DecimalRounding {
    case floor
    case ceiling
    case towardZero
    case halfAwayFromZero
}

extension JSONDecimal {
    /// At most `places` digits behind the point, 0 or more. A value that has no more is unchanged.
    func rounded(toPlaces places: Int = 0, _ rounding: DecimalRounding) -> JSONDecimal {
        let excess = -self.exponent - places
        if excess <= 0 { return self }
        var quotient: UInt128 = 0
        var remainder: UInt128 = self.coefficient
        var unit: UInt128 = 0
        // With 35 digits cut nothing is left, and less than a half.
        if excess < WideUnsigned.powersOfTen.count {
            unit = WideUnsigned.powersOfTen[excess]
            (quotient, remainder) = self.coefficient.quotientAndRemainder(dividingBy: unit)
        }
        let isUp =
            switch rounding {
            case .floor: self.isNegative && remainder != 0
            case .ceiling: !self.isNegative && remainder != 0
            case .towardZero: false
            case .halfAwayFromZero: unit != 0 && remainder >= unit / 2
            }
        if isUp { quotient += 1 }
        return JSONDecimal(isNegative: self.isNegative && quotient != 0, coefficient: quotient, exponent: -places) ?? self
    }

    var isWhole: Bool { self.exponent >= 0 || self.trimmingZeros(upTo: 0).exponent >= 0 }

    /// The power of ten of the first digit; 0 for zero.
    var leadingExponent: Int { self.isZero ? 0 : self.exponent + WideUnsigned.digits(of: self.coefficient) - 1 }

    /// The whole number written with exponent 0; nil when it is not whole or has more than 34 digits.
    var asWholeDigits: JSONDecimal? {
        if self.isZero { return JSONDecimal(0) }
        let trimmed = self.exponent < 0 ? self.trimmingZeros(upTo: 0) : self
        if trimmed.exponent == 0 { return trimmed }
        guard trimmed.exponent > 0, trimmed.leadingExponent < JSONDecimal.maxDigits else { return nil }
        let coefficient = trimmed.coefficient * WideUnsigned.powersOfTen[trimmed.exponent]
        return JSONDecimal(isNegative: trimmed.isNegative, coefficient: coefficient, exponent: 0)
    }
}
