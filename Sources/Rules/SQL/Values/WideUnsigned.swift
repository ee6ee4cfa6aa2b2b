/// A whole number below 2^256: what two coefficients of a decimal multiply to.
struct WideUnsigned {
    /// Ten to the power of 0 … 38, all that a word of 128 bits holds.
    static let powersOfTen: [UInt128] = (0...38).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

    let high: UInt128
    let low: UInt128

    init(_ value: UInt128) {
        self.high = 0
        self.low = value
    }

    init(high: UInt128, low: UInt128) {
        self.high = high
        self.low = low
    }

    init(_ a: UInt128, times b: UInt128) {
        let (high, low) = a.multipliedFullWidth(by: b)
        self.init(high: high, low: low)
    }

    /// Decimal digits; 1 for zero. The value is below 10^72.
    var digits: Int {
        if self.high == 0 { return Self.digits(of: self.low) }
        return 34 + Self.digits(of: self.dividedByPowerOfTen(34).quotient.low)
    }

    static func digits(of value: UInt128) -> Int {
        var count = 1
        while count < Self.powersOfTen.count && value >= Self.powersOfTen[count] { count += 1 }
        return count
    }

    /// `power` is in 0...38.
    func dividedByPowerOfTen(_ power: Int) -> (quotient: WideUnsigned, remainder: UInt128) { self.divided(by: Self.powersOfTen[power]) }

    /// The divisor is not zero.
    func divided(by divisor: UInt128) -> (quotient: WideUnsigned, remainder: UInt128) {
        if self.high == 0 {
            let (quotient, remainder) = self.low.quotientAndRemainder(dividingBy: divisor)
            return (WideUnsigned(quotient), remainder)
        }
        let (high, rest) = self.high.quotientAndRemainder(dividingBy: divisor)
        let (low, remainder) = divisor.dividingFullWidth((rest, self.low))
        return (WideUnsigned(high: high, low: low), remainder)
    }

    /// Both are below 2^255.
    static func + (a: WideUnsigned, b: WideUnsigned) -> WideUnsigned {
        let (low, carry) = a.low.addingReportingOverflow(b.low)
        return WideUnsigned(high: a.high &+ b.high &+ (carry ? 1 : 0), low: low)
    }

    /// `a` is not less than `b`.
    static func - (a: WideUnsigned, b: WideUnsigned) -> WideUnsigned {
        let (low, borrow) = a.low.subtractingReportingOverflow(b.low)
        return WideUnsigned(high: a.high &- b.high &- (borrow ? 1 : 0), low: low)
    }

    static func < (a: WideUnsigned, b: WideUnsigned) -> Bool { a.high == b.high ? a.low < b.low : a.high < b.high }
}
