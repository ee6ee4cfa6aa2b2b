/// A number as DynamoDB keeps it: up to 38 significant digits, magnitudes from 1E-130 to 9.99…E+125.
struct DynamoDBNumber: Sendable, Hashable {
    static let maxDigits = 38
    /// Powers of ten of the first digit.
    static let magnitudes = -130...125

    let isNegative: Bool
    /// Without zeros at its end; 0 for zero.
    private let coefficient: UInt128
    /// The power of ten of the coefficient's last digit.
    private let exponent: Int

    static let zero = DynamoDBNumber(isNegative: false, coefficient: 0, exponent: 0)

    private init(isNegative: Bool, coefficient: UInt128, exponent: Int) {
        self.isNegative = isNegative
        self.coefficient = coefficient
        self.exponent = exponent
    }

    /// - Throws: ValidationException in DynamoDB's words.
    init(_ text: String) throws {
        let malformed = DynamoDBError.validation("The parameter cannot be converted to a numeric value: \(text.prefix(64))")
        var rest = Substring(text).utf8[...]
        let sign = rest.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { rest.removeFirst() }
        var digits: [UInt8] = []
        var fraction = 0
        var sawDigit = false
        var sawPoint = false
        while let byte = rest.first {
            if byte == UInt8(ascii: "."), !sawPoint {
                sawPoint = true
            } else if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
                sawDigit = true
                if sawPoint { fraction += 1 }
                if byte != UInt8(ascii: "0") || !digits.isEmpty { digits.append(byte - UInt8(ascii: "0")) }
            } else {
                break
            }
            rest.removeFirst()
        }
        guard sawDigit else { throw malformed }
        var exponent = 0
        if let byte = rest.first {
            guard byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"), let value = Self.exponent(rest.dropFirst()) else {
                throw malformed
            }
            exponent = value
        }
        var last = exponent - fraction
        while digits.last == 0 {
            digits.removeLast()
            last += 1
        }
        try self.init(isNegative: sign == UInt8(ascii: "-"), digits: digits, exponent: last)
    }

    /// Larger exponents than any number has count as this, so that sums of them stay small.
    private static let farExponent = 1 << 40

    private static func exponent(_ text: Substring.UTF8View) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let digits = isNegative || text.first == UInt8(ascii: "+") ? text.dropFirst() : text
        guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        let value = digits.reduce(0) { min($0 * 10 + Int($1 - UInt8(ascii: "0")), Self.farExponent) }
        return isNegative ? -value : value
    }

    /// - Parameter digits: without zeros at either end.
    private init(isNegative: Bool, digits: [UInt8], exponent: Int) throws {
        guard !digits.isEmpty else {
            self = .zero
            return
        }
        guard digits.count <= Self.maxDigits else {
            throw DynamoDBError.validation("Attempting to store more than 38 significant digits in a Number")
        }
        let magnitude = exponent + digits.count - 1
        guard magnitude <= Self.magnitudes.upperBound else {
            throw DynamoDBError.validation("Number overflow. Attempting to store a number with magnitude larger than supported range")
        }
        guard magnitude >= Self.magnitudes.lowerBound else {
            throw DynamoDBError.validation("Number underflow. Attempting to store a number with magnitude smaller than supported range")
        }
        self.init(isNegative: isNegative, coefficient: digits.reduce(0) { $0 * 10 + UInt128($1) }, exponent: exponent)
    }

    private var digits: [UInt8] { self.coefficient == 0 ? [] : Array(String(self.coefficient).utf8).map { $0 - UInt8(ascii: "0") } }

    /// Plain digits, or with an exponent (`1.5E+100`) when they would be more than 38: boto3 takes no more.
    var text: String {
        guard self.coefficient != 0 else { return "0" }
        let sign = self.isNegative ? "-" : ""
        let digits = String(self.coefficient)
        if self.exponent > 0, digits.utf8.count + self.exponent > Self.maxDigits {
            let fraction = digits.dropFirst()
            let point = fraction.isEmpty ? "" : "."
            return sign + digits.prefix(1) + point + fraction + "E+\(self.exponent + fraction.utf8.count)"
        }
        if self.exponent >= 0 { return sign + digits + String(repeating: "0", count: self.exponent) }
        let whole = digits.utf8.count + self.exponent
        if whole <= 0 { return sign + "0." + String(repeating: "0", count: -whole) + digits }
        return sign + digits.prefix(whole) + "." + digits.dropFirst(whole)
    }

    /// About what DynamoDB counts: a byte for two digits and one more.
    var size: Int { (self.digits.count + 1) / 2 + 1 + (self.isNegative ? 1 : 0) }

    // MARK: Order

    /// Bytes that sort as the numbers do: the sign, the power of ten of the first digit, the digits; inverted for negative numbers, with an
    /// end that puts the shorter one, which is the larger one there, behind.
    var sortable: [UInt8] {
        guard self.coefficient != 0 else { return [1] }
        let digits = self.digits
        let magnitude = UInt8(clamping: self.exponent + digits.count - 1 - Self.magnitudes.lowerBound)
        let bytes = [magnitude] + digits.map { $0 + 1 }
        return self.isNegative ? [0] + bytes.map { ~$0 } + [0xFF] : [2] + bytes
    }

    static func < (left: DynamoDBNumber, right: DynamoDBNumber) -> Bool { left.sortable.lexicographicallyPrecedes(right.sortable) }

    // MARK: Sums

    static prefix func - (number: DynamoDBNumber) -> DynamoDBNumber {
        number.coefficient == 0
            ? number : DynamoDBNumber(isNegative: !number.isNegative, coefficient: number.coefficient, exponent: number.exponent)
    }

    /// - Throws: ValidationException when the sum has more than 38 digits.
    static func + (left: DynamoDBNumber, right: DynamoDBNumber) throws -> DynamoDBNumber {
        if left.coefficient == 0 { return right }
        if right.coefficient == 0 { return left }
        // Digits from the last place of either on, the least significant first: at most 38 and the distance of the exponents.
        let exponent = min(left.exponent, right.exponent)
        let (one, two) = (left.places(from: exponent), right.places(from: exponent))
        let count = max(one.count, two.count) + 1
        var sum = (0..<count).map { (one.indices.contains($0) ? one[$0] : 0) + (two.indices.contains($0) ? two[$0] : 0) }
        let isNegative = sum.last { $0 != 0 }.map { $0 < 0 } ?? false
        if isNegative { sum = sum.map { -$0 } }
        var carry = 0
        for place in sum.indices {
            let value = sum[place] + carry
            let digit = ((value % 10) + 10) % 10
            sum[place] = digit
            carry = (value - digit) / 10
        }
        var digits = sum.reversed().drop { $0 == 0 }.map { UInt8(clamping: $0) }
        var last = exponent
        while digits.last == 0 {
            digits.removeLast()
            last += 1
        }
        return try DynamoDBNumber(isNegative: isNegative, digits: digits, exponent: last)
    }

    private func places(from exponent: Int) -> [Int] {
        let digits = self.digits.reversed().map { self.isNegative ? -Int($0) : Int($0) }
        return Array(repeating: 0, count: self.exponent - exponent) + digits
    }
}
