import Testing

@testable import Rules

@Suite struct OperatorTests {
    static let logic = SQLCase.table(
        "5.5 logic",
        #"""
        true AND true => true
        true AND false => false
        false OR true => true
        false OR false => false
        NOT true => false
        NOT false => true
        NOT NOT true => true
        'true' AND true => true
        'TRUE' AND 'True' => true
        'false' OR 'true' => true
        NOT 'false' => true
        1 AND true => undefined
        true OR 1 => undefined
        false AND UNDEFINED => undefined
        true OR NULL => undefined
        NOT 1 => undefined
        NOT 'x' => undefined
        NOT NULL => undefined
        NOT nul => undefined
        yes AND no => false
        yes OR no => true
        true OR false AND false => true
        (true OR false) AND false => false
        NOT false AND false => false
        arr AND true => undefined
        TrUe and NOT fAlSe => true
        """#)

    static let comparison = SQLCase.table(
        "5.5 comparison",
        #"""
        1 < 2 => true
        2 < 1 => false
        1 <= 1 => true
        2 > 1 => true
        2 >= 3 => false
        1.5 < 2 => true
        2 > 1.999999999999999999999999999999999 => true
        '10' < 9 => false
        '10' > '9' => true
        '1e3' > 999 => true
        '1E-3' < 0.01 => true
        'abc' < 'abd' => undefined
        'abc' < 1 => undefined
        true < false => undefined
        NULL < 1 => undefined
        UNDEFINED < 1 => undefined
        arr < 1 => undefined
        obj >= obj => undefined
        big > 12345678901234567889 => true
        big < 9223372036854775807 => false
        -1 < 0 => true
        '+1' < 2 => undefined
        '.5' < 2 => undefined
        ' 1' < 2 => undefined
        n > d => true
        """#)

    static let equality = SQLCase.table(
        "5.5 equality",
        #"""
        1 = 1 => true
        1 = 1.0 => true
        10.0 = 10 => true
        1 = 2 => false
        'a' = 'a' => true
        'a' = 'A' => false
        '1' = 1 => false
        '1' <> 1 => true
        true = true => true
        true = 'true' => false
        true <> 'true' => true
        NULL = NULL => true
        NULL <> NULL => false
        NULL = 0 => false
        NULL <> 0 => true
        nul = NULL => true
        UNDEFINED = UNDEFINED => undefined
        UNDEFINED <> UNDEFINED => undefined
        UNDEFINED = 1 => undefined
        1 <> UNDEFINED => undefined
        missing = NULL => undefined
        [1, 2] = [1, 2] => true
        [1, 2] = [2, 1] => false
        [1, 2] = [1, 2, 3] => false
        [1, 2.0] = [1.0, 2] => true
        {'a': 1, 'b': 2} = {'b': 2, 'a': 1} => true
        {'a': 1} = {'a': 2} => false
        {'a': 1} = {'a': 1, 'b': 2} => false
        {'a': 1} <> {'a': 2} => true
        [1] = {'a': 1} => false
        arr = [1, 2, 3] => true
        obj.b = {'c': 'deep'} => true
        'é' = 'é' => true
        1 <> 2 => true
        1e2 = 100 => true
        big = 12345678901234567890 => true
        """#)

    static let arithmetic = SQLCase.table(
        "5.5 arithmetic",
        #"""
        1 + 2 => 3
        1 + 2.5 => 3.5
        2.5 + 2.5 => 5
        1 - 2 => -1
        3 * 4 => 12
        2 * 1.5 => 3
        10 / 5 => 2
        10 / 4 => 2.5
        (50 - 32) * 5 / 9 => 10
        215 / 9 => 23.88888888888888888888888888888889
        10 / 2.5 => 4
        1 / 3.0 => 0.3333333333333333333333333333333333
        7 % 3 => 1
        -7 % 3 => -1
        7 % -3 => 1
        7.5 % 2 => 1.5
        1 / 0 => undefined
        1 % 0 => undefined
        1.5 / 0.0 => undefined
        1.5 % 0 => undefined
        '5' + 3 => "53"
        5 + '3' => "53"
        'a' + 'b' => "ab"
        'a' + 1.50 => "a1.50"
        'a' + true => "atrue"
        'a' + arr => "a[1,2,3]"
        'a' + obj => "a{\"a\":1,\"b\":{\"c\":\"deep\"}}"
        'a' + NULL => undefined
        'a' + UNDEFINED => undefined
        UNDEFINED + 'a' => undefined
        1 + true => undefined
        1 + NULL => undefined
        1 + UNDEFINED => undefined
        arr + 1 => undefined
        obj + obj => undefined
        '5' - 3 => 2
        '5.5' * '2' => 11
        '10' / 4 => 2.5
        '7' % 4 => 3
        'x' - 1 => undefined
        true * 2 => undefined
        1 + 2 * 3 => 7
        (1 + 2) * 3 => 9
        10 - 4 - 3 => 3
        100 / 10 / 5 => 2
        2 + 3 - 4 + 5 => 6
        -5 => -5
        (- -5) => 5
        --5 => 5
        -(-5) => 5
        +5 => 5
        +'5' => 5
        -'5.5' => -5.5
        -true => undefined
        -UNDEFINED => undefined
        -n + 10 => 5
        9223372036854775807 + 1 => 9223372036854775808
        -9223372036854775807 - 2 => -9223372036854775809
        9223372036854775807 * 9223372036854775807 => 8.507059173023461584739690778423250e37
        99999999999999999 * 99999999999999999 => 9999999999999999800000000000000001
        9223372036854775808 - 1 => 9223372036854775807
        big + 0 => 12345678901234567890
        big % 10 => 0
        big / 10 => 1234567890123456789
        0.1 + 0.2 => 0.3
        1.1 * 1.1 => 1.21
        1E999 * 10 => undefined
        1E-999 / 10 => undefined
        9.99E999 + 9.99E999 => undefined
        1E999 - 1E999 => 0
        1E30 + 1 => 1000000000000000000000000000001
        1E33 + 0.1 => 1000000000000000000000000000000000
        1E34 + 0.5 => 1.000000000000000000000000000000000e34
        1E500 % 7 => 2
        0.5 - 0.5 => 0
        num + 1 => "12.51"
        num - 0.5 => 12
        """#)

    static let membership = SQLCase.table(
        "5.2 IN",
        #"""
        1 IN [1, 2] => true
        3 IN [1, 2] => false
        3 NOT IN [1, 2] => true
        1 NOT IN [1, 2] => false
        1.0 IN [1] => true
        '1' IN [1] => false
        'two' IN mixed => true
        NULL IN mixed => true
        n IN [1, n] => true
        UNDEFINED IN [1] => undefined
        1 IN UNDEFINED => undefined
        1 IN 'abc' => undefined
        1 IN obj => undefined
        1 in [] => false
        [1] IN nested => false
        [3] IN nested => true
        """#)

    @Test(arguments: logic + comparison + equality + arithmetic + membership) func holds(_ line: SQLCase) throws { try line.check() }

    @Test(
        arguments: SQLCase.table(
            "10 #5",
            #"""
            10 / 4 => 2
            -7 / 2 => -3
            215 / 9 => 23
            10 / 5 => 2
            7 / 2.5 => 2.8
            12345678901234567890 / 4 => 3086419725308641972
            """#))
    func truncates(_ line: SQLCase) throws { try line.check(options: SQLOptions(integerDivision: .truncating)) }
}
