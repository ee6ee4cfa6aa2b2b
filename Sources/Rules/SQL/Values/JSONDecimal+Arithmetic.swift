import JSON

/// Decimal arithmetic with 34 digits, rounding half to even: `java.math.MathContext.DECIMAL128`, which is IEEE 754 decimal128.
/// Each operation computes the exact result, or enough of it to round once. Nil is a result out of range.
extension JSONDecimal {
    /// Rounds `magnitude` × 10^`exponent` to 34 digits. `isInexact` says that a part below one was left off `magnitude`,
    /// which then has 36 digits or more.
    init?(rounding magnitude: WideUnsigned, isInexact: Bool = false, exponent: Int, isNegative: Bool) {
        let excess = magnitude.digits - JSONDecimal.maxDigits
        if excess <= 0 {
            self.init(isNegative: isNegative, coefficient: magnitude.low, exponent: exponent)
            return
        }
        let (quotient, remainder) = magnitude.dividedByPowerOfTen(excess)
        let half = WideUnsigned.powersOfTen[excess] / 2
        var coefficient = quotient.low
        if remainder > half || (remainder == half && (isInexact || coefficient & 1 == 1)) { coefficient += 1 }
        self.init(isNegative: isNegative, coefficient: coefficient, exponent: exponent + excess)
    }

    func adding(_ other: JSONDecimal) -> JSONDecimal? {
        let (upper, lower) = self.exponent >= other.exponent ? (self, other) : (other, self)
        if upper.isZero { return lower }
        // Two digits behind the 34 are enough to round; what lies further down only counts as being there.
        let maxShift = JSONDecimal.maxDigits + 2
        let distance = upper.exponent - lower.exponent
        let shift = Swift.min(distance, maxShift)
        let big = WideUnsigned(upper.coefficient, times: WideUnsigned.powersOfTen[shift])
        var small = WideUnsigned(lower.coefficient)
        var isInexact = false
        if distance > shift {
            let cut = Swift.min(distance - shift, JSONDecimal.maxDigits)
            let (quotient, remainder) = small.dividedByPowerOfTen(cut)
            isInexact = remainder != 0 || (distance - shift > cut && quotient.low != 0)
            small = distance - shift > cut ? WideUnsigned(0) : quotient
        }
        let exponent = upper.exponent - shift
        if upper.isNegative == lower.isNegative {
            return JSONDecimal(rounding: big + small, isInexact: isInexact, exponent: exponent, isNegative: upper.isNegative)
        }
        if big < small { return JSONDecimal(rounding: small - big, exponent: exponent, isNegative: lower.isNegative) }
        var difference = big - small
        // big - (small + ε) = (big - small - 1) + (1 - ε)
        if isInexact { difference = difference - WideUnsigned(1) }
        let isZero = difference.high == 0 && difference.low == 0
        return JSONDecimal(rounding: difference, isInexact: isInexact, exponent: exponent, isNegative: upper.isNegative && !isZero)
    }

    func subtracting(_ other: JSONDecimal) -> JSONDecimal? { self.adding(-other) }

    func multiplied(by other: JSONDecimal) -> JSONDecimal? {
        JSONDecimal(
            rounding: WideUnsigned(self.coefficient, times: other.coefficient), exponent: self.exponent + other.exponent,
            isNegative: self.isNegative != other.isNegative)
    }

    /// Nil by zero, too. An exact quotient has no more digits behind the point than it needs.
    func divided(by other: JSONDecimal) -> JSONDecimal? {
        if other.isZero { return nil }
        let isNegative = self.isNegative != other.isNegative
        if self.isZero { return JSONDecimal(0) }
        // With a dividend of 34 digits, 10^(digits of the divisor + 2) more make a quotient of 36 or 37 digits.
        let digits = WideUnsigned.digits(of: self.coefficient)
        let padding = JSONDecimal.maxDigits - digits
        let shift = WideUnsigned.digits(of: other.coefficient) + 2
        let dividend = WideUnsigned(self.coefficient * WideUnsigned.powersOfTen[padding], times: WideUnsigned.powersOfTen[shift])
        let (quotient, remainder) = dividend.divided(by: other.coefficient)
        let exponent = self.exponent - padding - shift - other.exponent
        let rounded = JSONDecimal(rounding: quotient, isInexact: remainder != 0, exponent: exponent, isNegative: isNegative)
        return rounded?.trimmingZeros(upTo: Swift.max(0, self.exponent - other.exponent))
    }

    /// Of the division that truncates: the sign is the dividend's. Nil by zero.
    func remainder(dividingBy other: JSONDecimal) -> JSONDecimal? {
        if other.isZero { return nil }
        if self.isZero || self.magnitude < other.magnitude { return self }
        let distance = self.exponent - other.exponent
        if distance >= 0 {
            // coefficient × 10^distance modulo the other's, one chunk of the power at a time: at most 7,168 / 38 rounds.
            var rest = self.coefficient % other.coefficient
            var left = distance
            while left > 0 && rest != 0 {
                let chunk = Swift.min(left, WideUnsigned.powersOfTen.count - 1)
                rest = WideUnsigned(rest, times: WideUnsigned.powersOfTen[chunk]).divided(by: other.coefficient).remainder
                left -= chunk
            }
            return JSONDecimal(isNegative: self.isNegative && rest != 0, coefficient: rest, exponent: other.exponent)
        }
        // The dividend is the larger one, so the divisor fits 34 digits when it is written with the dividend's exponent.
        let divisor = other.coefficient * WideUnsigned.powersOfTen[-distance]
        let rest = self.coefficient % divisor
        return JSONDecimal(isNegative: self.isNegative && rest != 0, coefficient: rest, exponent: self.exponent)
    }

    var magnitude: JSONDecimal { self.isNegative ? -self : self }

    /// The same value with fewer digits: zeros at the end go while the exponent is below `limit`.
    func trimmingZeros(upTo limit: Int) -> JSONDecimal {
        var coefficient = self.coefficient
        var exponent = self.exponent
        if coefficient == 0 { return JSONDecimal(0) }
        while exponent < limit {
            let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
            if remainder != 0 { break }
            coefficient = quotient
            exponent += 1
        }
        return JSONDecimal(isNegative: self.isNegative, coefficient: coefficient, exponent: exponent) ?? self
    }
}
