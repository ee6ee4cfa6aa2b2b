import JSON
import Testing

@Suite struct DecimalTests {
    private func decimal(_ text: String) throws -> JSONDecimal { try #require(JSONDecimal(text)) }

    @Test(
        arguments: [
            ("0", false, 0, 0), ("-0.00", true, 0, -2), ("1", false, 1, 0), ("1.50", false, 150, -2), ("-12e3", true, 12, 3),
            ("1e-10", false, 1, -10),
            ("0.001", false, 1, -3), ("9223372036854775808", false, 9_223_372_036_854_775_808, 0),
        ] as [(String, Bool, UInt128, Int)]) func keepsDigitsAndScale(
            text: String, isNegative: Bool, coefficient: UInt128, exponent: Int
        ) throws
    {
        let value = try self.decimal(text)
        #expect(value.isNegative == isNegative)
        #expect(value.coefficient == coefficient)
        #expect(value.exponent == exponent)
    }

    @Test(arguments: ["", "-", "+1", "00", "012", ".5", "1.", "1e", " 1", "1 ", "0x10", "1_000", "NaN", "1e6145", "1e-6177"])
    func isNilForOtherText(text: String) { #expect(JSONDecimal(text) == nil) }

    @Test(arguments: [
        [
            "-1e6144", "-2", "-1.5", "-1", "-1e-6176", "0", "1e-6176", "0.000001", "0.1", "0.11", "1", "1.0000001", "1.5", "2", "9", "10",
            "10.5", "99",
            "1e2", "9223372036854775807", "9223372036854775808", "1234567890123456789012345678901234", "1e34", "1e6143", "9e6144",
        ]
    ]) func isOrderedByValue(texts: [String]) throws {
        let values = try texts.map { try self.decimal($0) }
        for (i, a) in values.enumerated() {
            for (j, b) in values.enumerated() {
                #expect((a < b) == (i < j), "\(a) < \(b)")
                #expect((a == b) == (i == j), "\(a) == \(b)")
            }
        }
    }

    @Test(arguments: [
        ["1", "1.0", "1.000", "10e-1", "0.1e1", "1000e-3"], ["0", "-0.0", "0e100", "0.000", "0e-6176"], ["1e3", "1000", "1000.0", "10e2"],
        ["1e34", "10000000000000000000000000000000000", "1000000000000000000000000000000000e1"], ["-2.50", "-2.5", "-25e-1"],
        ["1e6111", "1.000000000000000000000000000000000e6111"], ["9007199254740993", "9007199254740993.0"],
    ]) func equalValuesAreEqualAndHashAlike(texts: [String]) throws {
        let values = try texts.map { try self.decimal($0) }
        #expect(Set(values).count == 1)
        #expect(values.allSatisfy { value in values.allSatisfy { $0 == value && !($0 < value) } })
    }

    @Test(
        arguments: [
            ("1", 1), ("1.0", 1), ("-1", -1), ("12e3", 12_000), ("9223372036854775807", .max), ("-9223372036854775808", .min),
            ("9e18", 9_000_000_000_000_000_000),
            ("0.0", 0), ("-0.0", 0), ("123400e-2", 1234), ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e19", nil),
            ("0.5", nil),
            ("1e6144", nil), ("1e-6176", nil), ("9223372036854775807.0", .max),
        ] as [(String, Int64?)]) func isAnIntWhenWholeAndSmall(text: String, expected: Int64?) throws
    {
        #expect(try self.decimal(text).int64 == expected)
    }

    @Test(
        arguments: [
            (0.1, "0.1"), (1.0, "1.0"), (-2.5, "-2.5"), (1e22, "1e22"), (.leastNonzeroMagnitude, "5e-324"),
            (1.7976931348623157e308, "1.7976931348623157e308"), (-0.0, "-0.0"),
            (0.1 + 0.2, "0.30000000000000004"),
        ] as [(Double, String)]) func comesFromDoublesAsTheirShortestText(double: Double, text: String) throws
    {
        let value = try #require(JSONDecimal(double))
        #expect(value.description == text)
        #expect(value.doubleValue == double)
    }

    @Test func hasNoInfinities() throws {
        #expect(JSONDecimal(Double.infinity) == nil)
        #expect(JSONDecimal(Double.nan) == nil)
        #expect(JSONValue(Double.nan) == .null)
        #expect(try self.decimal("1e400").doubleValue == .infinity)
        #expect(try self.decimal("-1e400").doubleValue == -.infinity)
        #expect(try self.decimal("1e-400").doubleValue == 0)
    }

    @Test func roundsHalfToEvenPastThirtyFourDigits() throws {
        let head = "123456789012345678901234567890123"
        for (tail, rounded) in [
            ("45", "4"), ("35", "4"), ("4500", "4"), ("4500001", "5"), ("44999", "4"), ("46", "5"), ("4", "4"), ("40000000", "4"),
        ] {
            #expect(try self.decimal("0." + head + tail) == self.decimal("0." + head + rounded), "\(tail)")
        }
        let nines = String(repeating: "9", count: 35)
        #expect(try self.decimal(nines) == self.decimal("1e35"))
        #expect(JSONDecimal(nines + "e6111") == nil)
    }

    @Test func isBuiltFromItsParts() throws {
        #expect(JSONDecimal(isNegative: true, coefficient: 125, exponent: -2)?.description == "-1.25")
        #expect(JSONDecimal(isNegative: false, coefficient: 1 << 120, exponent: 0) == nil)
        #expect(JSONDecimal(isNegative: false, coefficient: 1, exponent: 6145) == nil)
        #expect(JSONDecimal(isNegative: false, coefficient: 10, exponent: -6177)?.description == "1e-6176")
        #expect(JSONDecimal(isNegative: false, coefficient: 0, exponent: .max)?.isZero == true)
        #expect(JSONDecimal(Int64.min).description == "-9223372036854775808")
        #expect(-JSONDecimal(5) == JSONDecimal(-5))
        #expect(MemoryLayout<JSONDecimal>.size == 16)
        #expect(MemoryLayout<JSONValue>.stride == 24)
    }
}
