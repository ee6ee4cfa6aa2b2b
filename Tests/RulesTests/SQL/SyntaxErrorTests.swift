import Testing

@testable import Rules

@Suite struct SyntaxErrorTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let sql: String
        let line: Int
        let column: Int
        let message: String
        let version: SQLVersion

        init(_ sql: String, _ line: Int, _ column: Int, _ message: String, _ version: SQLVersion = .v2016) {
            self.sql = sql
            self.line = line
            self.column = column
            self.message = message
            self.version = version
        }

        var testDescription: String { self.sql }
    }

    static let samples: [Sample] = [
        Sample("", 1, 1, "found the end of the statement, expected SELECT or SET"),
        Sample("SELEC a", 1, 1, "found 'SELEC', expected SELECT or SET"),
        Sample("SELECT", 1, 7, "found the end of the statement, expected an expression"),
        Sample("SELECT a b FROM 'x'", 1, 10, "found 'b', expected ',', AS or FROM"),
        Sample("SELECT a FRM 'x'", 1, 10, "found 'FRM', expected ',', AS, FROM, WHERE or the end of the statement"),
        Sample("SELECT a FROM", 1, 14, "found the end of the statement, expected a topic filter in quotes"),
        Sample("SELECT a FROM 5", 1, 15, "found '5', expected a topic filter in quotes"),
        Sample("SELECT a FROM 'x' WHER b", 1, 19, "found 'WHER', expected WHERE or the end of the statement"),
        Sample("SELECT a FROM 'x' WHERE", 1, 24, "found the end of the statement, expected an expression"),
        Sample("SELECT a FROM 'x' WHERE b c", 1, 27, "found 'c', expected an operator or the end of the statement"),
        Sample("SELECT a\nFROM 'x'\nWHERE ü = = 1", 3, 11, "found '=', expected an expression"),
        Sample("SELECT 'abc FROM 'x", 1, 19, "found 'x', expected"),
        Sample("SELECT \"abc", 1, 8, "found '\"abc', expected the quote that ends this string"),
        Sample("SELECT a != 1", 1, 10, "found '!', expected '<>' (there is no '!=')"),
        Sample("SELECT a == 1", 1, 11, "found '=', expected an expression"),
        Sample("SELECT a AS FROM 'x'", 1, 18, "expected ',', AS, FROM, WHERE or the end of the statement"),
        Sample("SELECT a AS 'b' FROM 'x'", 1, 13, "found ''b'', expected a name after AS"),
        Sample("SELECT a AS b. FROM 'x'", 1, 21, "found ''x'', expected"),
        Sample("SELECT a. FROM 'x'", 1, 16, "found ''x'', expected"),
        Sample("SELECT a.5 FROM 'x'", 1, 10, "found '5', expected a name after '.' (for other keys there is get(object, \"key\"))"),
        Sample("SELECT (a FROM 'x'", 1, 11, "found 'FROM', expected an operator or ')'"),
        Sample("SELECT a) FROM 'x'", 1, 9, "found ')', expected"),
        Sample("SELECT f(a, FROM 'x'", 1, 8, "found 'f', expected the name of a function"),
        Sample("SELECT upper(a, FROM 'x'", 1, 17, "found 'FROM', expected an expression"),
        Sample("SELECT len(a) FROM 'x'", 1, 8, "found 'len', expected the name of a function (length?)"),
        Sample("SELECT [1, 2 FROM 'x'", 1, 14, "found 'FROM', expected an operator, ',' or ']'"),
        Sample("SELECT {a: 2} FROM 'x'", 1, 9, "found 'a', expected a key in quotes"),
        Sample("SELECT {'a' 2} FROM 'x'", 1, 13, "found '2', expected ':'"),
        Sample("SELECT {'a': 2 FROM 'x'", 1, 16, "found 'FROM', expected an operator, ',' or '}'"),
        Sample(
            "SELECT CASE WHEN 1 THEN 2 END FROM 'x'", 1, 13,
            "found 'WHEN', expected an expression after CASE (WHEN compares with its value)"),
        Sample("SELECT CASE a END FROM 'x'", 1, 15, "found 'END', expected an operator or WHEN"),
        Sample("SELECT CASE a WHEN 1 END FROM 'x'", 1, 22, "found 'END', expected an operator or THEN"),
        Sample("SELECT CASE a WHEN 1 THEN 2 FROM 'x'", 1, 29, "found 'FROM', expected an operator, WHEN, ELSE or END"),
        Sample("SELECT cast(a AS Date) FROM 'x'", 1, 18, "found 'Date', expected String, Int, Decimal or Boolean"),
        Sample("SELECT cast(a) FROM 'x'", 1, 14, "found ')', expected an operator or AS"),
        Sample("SELECT a, * b FROM 'x'", 1, 13, "found 'b', expected ',', AS or FROM"),
        Sample(
            "SELECT 1 + * FROM 'x'", 1, 12, "found '*', expected an expression ('*' stands alone in SELECT or as a function's argument)"),
        Sample("SELECT end FROM 'x'", 1, 8, "found 'end', expected an expression (for a key of this name there is get(*, \"end\"))"),
        Sample("SELECT SELECT a FROM 'x'", 1, 8, "found 'SELECT', expected an expression (a nested SELECT stands in parentheses)"),
        Sample("SELECT (SELECT a) FROM 'x'", 1, 17, "found ')', expected ',', AS or FROM"),
        Sample("SELECT (SELECT a FROM) FROM 'x'", 1, 22, "found ')', expected an expression"),
        Sample("SELECT (SELECT a FROM b c) FROM 'x'", 1, 25, "found 'c', expected AS, WHERE or ')'"),
        Sample("SELECT EXISTS (a) FROM 'x'", 1, 16, "found 'a', expected SELECT"),
        Sample("SELECT @a FROM 'x'", 1, 8, "found '@a', expected a variable that SET defines before this place"),
        Sample("SELECT @ FROM 'x'", 1, 8, "found '@', expected the name of a variable after '@'"),
        Sample("SET @a = @b, @b = 1 SELECT @a FROM 'x'", 1, 10, "found '@b', expected a variable that SET defines before this place"),
        Sample("SET @a = 1, @a = 2 SELECT @a FROM 'x'", 1, 13, "found '@a', expected a new name: variables are set once"),
        Sample("SET a = 1 SELECT a FROM 'x'", 1, 5, "found 'a', expected a variable (@name)"),
        Sample("SET @a 1 SELECT a FROM 'x'", 1, 8, "found '1', expected '='"),
        Sample("SELECT VALUE a, b FROM 'x'", 1, 17, "found 'b', expected one expression after SELECT VALUE"),
        Sample("SELECT VALUE a AS b FROM 'x'", 1, 19, "found 'b', expected no alias after SELECT VALUE"),
        Sample("SELECT 1E1000 FROM 'x'", 1, 8, "found '1E1000', expected a number between 1E-999 and 9.99E999"),
        Sample("SELECT a # b", 1, 10, "found '#', expected a name, a literal or an operator"),
        Sample("SELECT a FROM 'x'; SELECT b", 1, 20, "found 'SELECT', expected"),
        Sample("SELECT 1 < 2 < 3 FROM 'x'", 1, 14, "found '<', expected ',', AS or FROM"),
        Sample("SELECT [1] FROM 'x'", 1, 8, "an array literal needs SQL version 2016-03-23, and this statement has 2015-10-08", .v2015),
        Sample("SELECT {'a': 1} FROM 'x'", 1, 8, "an object literal needs SQL version 2016-03-23", .v2015),
        Sample("SELECT (SELECT a FROM b) FROM 'x'", 1, 9, "a nested SELECT needs SQL version 2016-03-23", .v2015),
        Sample(
            "SELECT encode(*, 'base64') FROM 'x'", 1, 8,
            "found 'encode', expected nothing of this kind: encode() needs SQL version 2016-03-23", .v2015),
        Sample("SET @a = 1 SELECT @a FROM 'x'", 1, 1, "SET needs SQL version 2016-03-23", .v2015),
        Sample("SELECT a IN b FROM 'x'", 1, 10, "IN needs SQL version 2016-03-23", .v2015),
        Sample("SELECT cast(a AS Decimal) FROM 'x'", 1, 18, "found 'Decimal', expected String, Int or Double", .v2015),
        Sample("SELECT a FROM 'x' AS y", 1, 19, "AS behind FROM needs SQL version 2016-03-23", .v2015),
    ]

    @Test(arguments: samples) func namesThePlaceAndWhatWasExpected(_ sample: Sample) throws {
        let error = try #require(SQLFixture.error(sample.sql, version: sample.version))
        #expect(error.description.contains(sample.message), "\(error)")
        #expect(error.line == sample.line && error.column == sample.column, "\(error)")
    }

    /// 5.7: functions that the first version has not.
    @Test(
        arguments: [
            "encode", "decode", "indexof", "isundefined", "length", "numbytes", "parse_time", "time_to_epoch", "transform", "get_dynamodb",
            "get_secret",
            "get_thing_shadow", "get_mqtt_property", "get_user_properties", "get_or_default", "get_registry_data",
        ])
    func newFunctionsAreNotIn2015(_ name: String) throws {
        #expect(
            try #require(SQLFixture.error("SELECT \(name)(a, b) FROM 'x'", version: .v2015)).expected.contains(
                "\(name)() needs SQL version"))
    }
}
