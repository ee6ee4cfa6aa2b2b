import Testing

@testable import Rules

@Suite struct NumberFunctionTests {
    static let exact = SQLCase.table(
        "5.6 exact numbers",
        #"""
        abs(-5) => 5
        abs(5) => 5
        abs(-2.5) => 2.5
        abs('-3') => 3
        abs(0) => 0
        abs(-9223372036854775808) => 9223372036854775808
        abs(true) => undefined
        abs(NULL) => undefined
        abs(arr) => undefined
        abs(obj) => undefined
        abs('x') => undefined
        abs() => undefined
        abs(1, 2) => undefined
        ceil(1.2) => 2
        ceil(-1.2) => -1
        ceil(3) => 3
        ceil('1.1') => 2
        ceil('x') => undefined
        ceil(NULL) => undefined
        floor(1.2) => 1
        floor(-1.2) => -2
        floor(1) => 1
        floor('-0.5') => -1
        floor(false) => undefined
        round(1.5) => 2
        round(-1.5) => -2
        round(1.4) => 1
        round(-1.4) => -1
        round(2.5) => 3
        round(0.5) => 1
        round(7) => 7
        round('2.5') => 3
        round(true) => undefined
        sign(-7) => -1
        sign(0) => 0
        sign(13) => 1
        sign(-0.5) => -1
        sign('2') => 1
        sign('x') => undefined
        trunc(2.3, 0) => 2
        trunc(2.3123, 2) => 2.31
        trunc(2.888, 2) => 2.88
        trunc(2.00, 5) => 2
        trunc(-2.888, 1) => -2.8
        trunc(2.5, -3) => 2
        trunc(2.5, 100) => 2.5
        trunc(5, 2) => 5
        trunc('2.345', '2') => 2.34
        trunc(2.345, 1.9) => 2.3
        trunc(true, 1) => undefined
        trunc(2.5, 'x') => undefined
        trunc(2.5) => undefined
        mod(8, 3) => 2
        mod(-8, 3) => -2
        mod(8.5, 3) => 2.5
        mod('8', '3') => 2
        mod(8, 0) => undefined
        mod(8, true) => undefined
        remainder(8, 3) => 2
        remainder(-8, 3) => -2
        nanvl(8, 2) => 8
        nanvl(UNDEFINED, 2) => 2
        nanvl(NULL, 'x') => "x"
        nanvl('NaN', 1) => 1
        nanvl('a', 1) => "a"
        bitand(13, 5) => 5
        bitor(8, 5) => 13
        bitxor(13, 5) => 8
        bitand(13.9, 5.9) => 5
        bitand('13', '5') => 5
        bitand(-1, 255) => 255
        bitand(true, 1) => undefined
        bitor('x', 1) => undefined
        bitxor(1) => undefined
        bitand(big, 1) => undefined
        bitnot(13) => -14
        bitnot(0) => -1
        bitnot(-1) => 0
        bitnot('13') => -14
        bitnot(NULL) => undefined
        """#)

    static let double = SQLCase.table(
        "5.6 double precision",
        #"""
        acos(0) => 1.5707963267948966
        acos(1) => 0
        acos(2) => undefined
        acos('0') => 1.5707963267948966
        acos(true) => undefined
        asin(1) => 1.5707963267948966
        asin(-2) => undefined
        atan(0) => 0
        atan(1) => 0.7853981633974483
        atan2(1, 0) => 1.5707963267948966
        atan2(0, 1) => 0
        atan2('1', '0') => 1.5707963267948966
        atan2(1, NULL) => undefined
        cos(0) => 1
        sin(0) => 0
        tan(0) => 0
        cosh(0) => 1
        sinh(0) => 0
        tanh(0) => 0
        cosh(10000) => undefined
        exp(0) => 1
        exp(1) => 2.718281828459045
        exp(10000) => undefined
        exp(-10000) => 0
        ln(1) => 0
        ln(2.718281828459045) => 1
        ln(0) => undefined
        ln(-1) => undefined
        log(100) => 2
        log(1) => 0
        log(0) => undefined
        log('1000') => 3
        sqrt(9) => 3
        sqrt(2) => 1.4142135623730951
        sqrt(-1) => undefined
        sqrt('9') => 3
        sqrt(obj) => undefined
        power(2, 5) => 32
        power(2, -1) => 0.5
        power(0, 0) => 1
        power(-1, 0.5) => undefined
        power(10, 400) => undefined
        power('2', '3') => 8
        power(2) => undefined
        rand() >= 0 => true
        rand() < 1 => true
        rand(1) => undefined
        """#)

    @Test(arguments: exact + double) func holds(_ line: SQLCase) throws { try line.check() }

    @Test(
        arguments: SQLCase.table(
            "10 #6",
            #"""
            bitnot(13) => 2
            bitnot(0) => 1
            bitnot(8) => 7
            bitnot(-1) => 0
            """#))
    func complementsSignificantBits(_ line: SQLCase) throws { try line.check(options: SQLOptions(complement: .significantBits)) }

    @Test func randomNumbersDiffer() throws {
        #expect(try SQLFixture.value(of: "rand() = rand()") == "false")
        #expect(try SQLFixture.value(of: "rand()") != SQLFixture.value(of: "rand()"))
    }
}
