import Testing

@testable import Rules

@Suite struct ConversionTests {
    static let casts = SQLCase.table(
        "5.4 cast",
        #"""
        cast(1 AS String) => "1"
        cast(1.50 AS String) => "1.50"
        cast(10.0 AS String) => "10"
        cast(true AS String) => "true"
        cast(false AS nvarchar) => "false"
        cast('x' AS Text) => "x"
        cast(arr AS ntext) => "[1,2,3]"
        cast(obj AS varchar) => "{\"a\":1,\"b\":{\"c\":\"deep\"}}"
        cast(NULL AS String) => undefined
        cast(UNDEFINED AS String) => undefined
        cast(big AS String) => "12345678901234567890"
        cast(1E40 AS String) => "1e40"
        cast(1 AS Int) => 1
        cast(2.9 AS Int) => 2
        cast(-2.1 AS Int) => -3
        cast('2.9' AS Int) => 2
        cast('-2.9' AS Integer) => -2
        cast('1e2' AS int) => 100
        cast('+1' AS Int) => undefined
        cast('.5' AS Int) => undefined
        cast('1E+5' AS Int) => undefined
        cast(' 1' AS Int) => undefined
        cast('1 ' AS Int) => undefined
        cast('007' AS Int) => 7
        cast('-0' AS Int) => 0
        cast('' AS Int) => undefined
        cast('abc' AS Int) => undefined
        cast(true AS Int) => 1
        cast(false AS INT) => 0
        cast(NULL AS Int) => undefined
        cast(arr AS Int) => undefined
        cast(obj AS Int) => undefined
        cast(1 AS Decimal) => 1
        cast('1.5' AS Decimal) => 1.5
        cast('1.5e-3' AS Decimal) => 0.0015
        cast('10.0' AS Double) => 10
        cast(true AS Decimal) => 1
        cast(false AS Decimal) => 0
        cast('x' AS Decimal) => undefined
        cast(NULL AS Decimal) => undefined
        cast(arr AS Decimal) => undefined
        cast(1 AS Boolean) => true
        cast(0 AS Boolean) => false
        cast(0.0 AS Bool) => false
        cast(0.1 AS Bool) => true
        cast('true' AS Boolean) => true
        cast('FALSE' AS Boolean) => false
        cast('1' AS Boolean) => undefined
        cast(NULL AS Boolean) => undefined
        cast(arr AS Boolean) => undefined
        CAST(n AS STRING) => "5"
        """#)

    static let literals = SQLCase.table(
        "5.2 literals, 5.3 types",
        #"""
        1 => 1
        10.0 => 10
        1.50 => 1.50
        1e3 => 1000
        1.5E+3 => 1500
        2.5e-3 => 0.0025
        007 => 7
        9223372036854775808 => 9223372036854775808
        9.99E999 => 9.99e999
        1E-999 => 1e-999
        1234567890123456789012345678901234 => 1234567890123456789012345678901234
        12345678901234567890123456789012345 => 1.234567890123456789012345678901234e34
        'single' => "single"
        "double" => "double"
        'it''s' => "it's"
        "say ""hi""!" => "say \"hi\"!"
        'it\'s' => "it's"
        'back\\slash' => "back\\slash"
        '\d+' => "\\d+"
        '' => ""
        'Füße €' => "Füße €"
        TRUE => true
        false => false
        NULL => null
        null => null
        UNDEFINED => undefined
        [] => []
        [1, 'a', NULL, [2]] => [1,"a",null,[2]]
        [1, UNDEFINED, 2] => [1,2]
        [missing] => []
        {} => {}
        {'a': 1, "b c": {'d': 2}} => {"a":1,"b c":{"d":2}}
        {'a': UNDEFINED, 'b': 1} => {"b":1}
        {'a': 1, 'a': 2} => {"a":2}
        {'a': NULL} => {"a":null}
        [n, d, s] => [5,2.5,"text"]
        """#)

    static let paths = SQLCase.table(
        "5.2 paths",
        #"""
        n => 5
        whole => 10
        obj.a => 1
        obj.b.c => "deep"
        obj.b.c.d => undefined
        obj.missing => undefined
        missing.deep.path => undefined
        N => undefined
        s.length => undefined
        arr[0] => 1
        arr[2] => 3
        arr[3] => undefined
        arr[-1] => undefined
        mixed[3].k => 3
        obj['b']['c'] => "deep"
        nested[0][1] => 2
        value => 9
        (value) => 9
        item2 => 7
        nul => null
        nul.a => undefined
        {'x': {'y': 4}}.x.y => 4
        [7, 8][1] => 8
        """#)

    @Test(arguments: casts + literals + paths) func holds(_ line: SQLCase) throws { try line.check() }

    @Test(
        arguments: SQLCase.table(
            "10 #7",
            #"""
            substring('012345', 2.745) => "345"
            get(arr, 0.5) => 2
            lpad('a', 1.4) => " a"
            """#))
    func roundsToNearest(_ line: SQLCase) throws { try line.check(options: SQLOptions(decimalToInt: .nearest)) }
}
