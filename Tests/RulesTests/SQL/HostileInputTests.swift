import JSON
import Testing

@testable import Rules

/// What a peer can send: statements and payloads that are long, deep or costly. Each ends in a result or an error that names a limit.
@Suite struct HostileInputTests {
    private static let deep = 100_000

    @Test(
        arguments: [
            ("(", ")"), ("[", "]"), ("NOT ", ""), ("-", ""), ("+", ""), ("upper(", ")"), ("{'a':", "}"), ("CASE 1 WHEN ", " THEN 1 END"),
            ("(SELECT VALUE ", " FROM a)"), ("a[", "]"), ("cast(", " AS Int)"), ("EXISTS (SELECT ", " FROM a)"), ("1 IN [", "]"),
            ("get_or_default(", ")"),
        ])
    func deepNestingIsRefused(_ open: String, _ close: String) throws {
        let levels = SQLLimits.maxNesting
        for count in [levels / 2 - 1, levels + 1, 2000] {
            let sql = "SELECT " + String(repeating: open, count: count) + "1" + String(repeating: close, count: count) + " AS x FROM 'a'"
            let error = SQLFixture.error(sql)
            if count < levels {
                #expect(error == nil, "\(String(describing: error))")
                _ = try SQLFixture.run(sql)
            } else {
                #expect(error?.description.contains("levels of nesting") == true, "\(String(describing: error))")
            }
        }
    }

    @Test(arguments: [
        "(", "[", "{", "{'a':", "NOT ", "-", "f(", "'", "@", "SELECT ", "a.", "a[", "CASE ", "a,", "1+", "((SELECT ", "SET @a=",
    ])
    func endlessOpeningsAreRefused(_ open: String) {
        #expect(SQLFixture.error("SELECT " + String(repeating: open, count: Self.deep / open.utf8.count | 1)) != nil)
    }

    /// Chains are flat, however long.
    @Test(
        arguments: [
            ("1", " + 1"), ("TRUE", " AND TRUE"), ("FALSE", " OR FALSE"), ("n", " * 1"), ("obj", ".a"), ("1", ", 1"), ("arr", "[0]"),
            ("'a'", " + 'b'"),
        ])
    func longChainsAreEvaluated(_ first: String, _ more: String) throws {
        let count = 64 * 1024 / more.utf8.count
        let sql = "SELECT " + first + String(repeating: more, count: count) + " AS x FROM 'a'"
        let statement = try SQLStatement(parsing: sql, version: .v2016)
        #expect(try SQLStatement(parsing: statement.description, version: .v2016).syntax == statement.syntax)
        _ = SQLFixture.text(statement.evaluate(SQLFixture.message()))
    }

    @Test func tooLongAStatementIsRefused() {
        let error = SQLFixture.error("SELECT " + String(repeating: " ", count: SQLLimits.maxStatementBytes))
        #expect(error?.expected.contains("at most") == true)
    }

    @Test func manyAliasesAreRefused() {
        #expect(SQLFixture.error("SELECT 1 AS a" + String(repeating: ".a", count: SQLLimits.maxAliasSegments)) != nil)
        #expect(SQLFixture.error("SELECT 1 AS a" + String(repeating: ".a", count: SQLLimits.maxAliasSegments - 1)) == nil)
    }

    @Test func variablesAreBounded() throws {
        let eleven = (0...10).map { "@v\($0) = 1" }.joined(separator: ", ")
        #expect(SQLFixture.error("SET \(eleven) SELECT 1 AS x FROM 'a'")?.expected == "no more than 10 variables")
        let name = String(repeating: "x", count: 65)
        #expect(SQLFixture.error("SET @\(name) = 1 SELECT 1 AS x FROM 'a'")?.expected == "a name of at most 64 characters")
        let large = try SQLFixture.run("SET @a = lpad('', 1000), @b = replace(@a, ' ', @a) SELECT 1 AS x FROM 'a' WHERE @b = ''")
        #expect(large.contains("the variables of SET hold more than 131072 bytes"))
    }

    /// Variables refer to earlier ones, each at the bottom of the deepest expression.
    @Test func deepVariablesAreEvaluated() throws {
        let levels = SQLLimits.maxNesting - 1
        var sql = "SET @v0 = 1"
        for index in 1..<SQLLimits.maxVariables {
            sql += ", @v\(index) = " + String(repeating: "[", count: levels) + "@v\(index - 1)" + String(repeating: "]", count: levels)
        }
        let result = try SQLFixture.run(sql + " SELECT VALUE @v9 FROM 'a'")
        #expect(result.utf8.count == 2 * 9 * levels + 1)
    }

    @Test(
        arguments: [
            "SET @a = lpad('', 1000), @b = @a + @a + @a + @a + @a + @a + @a + @a + @a + @a SELECT replace(@b, ' ', @b) AS x FROM 'a'",
            "SELECT replace(replace(replace(lpad('', 1000), ' ', lpad('', 1000)), ' ', lpad('', 1000)), ' ', lpad('', 1000)) AS x FROM 'a'",
            "SELECT regexp_replace(regexp_replace(lpad('', 1000), ' ', lpad('', 1000)), ' ', lpad('', 1000)) AS x FROM 'a'",
            "SELECT (SELECT VALUE (SELECT VALUE (SELECT VALUE 1 FROM r.l) FROM r.l) FROM l) AS x FROM 'a' AS r",
            "SELECT (SELECT VALUE r FROM l) AS x FROM 'a' AS r", "SELECT (SELECT VALUE md5(encode(r, 'base64')) FROM l) AS x FROM 'a' AS r",
            "SELECT (SELECT VALUE transform('enrichArray', r, [{}, {}, {}]) FROM l) AS x FROM 'a' AS r",
            "SELECT (SELECT VALUE e IN r.l FROM l AS e) AS x FROM 'a' AS r",
            "SELECT (SELECT VALUE concat(r.l, r.l) FROM l) AS x FROM 'a' AS r",
            "SELECT (SELECT VALUE regexp_matches(r.text, '(a+)+\\1b') FROM l) AS x FROM 'a' AS r",
        ])
    func growthIsStopped(_ sql: String) throws {
        let payload =
            "{\"text\":\"\(String(repeating: "a", count: 40))\",\"l\":[" + (0..<10_000).map(String.init).joined(separator: ",") + "]}"
        #expect(try SQLFixture.run(sql, payload: payload).hasPrefix("failed: "), "\(sql)")
    }

    /// Work that makes nothing is paid for, too.
    @Test(
        arguments: [
            "r.t = r.u", "r.t IN [r.u]", "get(r.t, 39999)", "r.t[39999]", "r.t < 5", "regexp_matches(r.t, concat('x', '{900}{'))",
            "regexp_matches('x', concat('(?:a{100}){', '100}'))", "CASE r.t WHEN r.u THEN 1 END", "length(r.t)", "startswith(r.u, r.t)",
            "r.l = r.m",
        ])
    func costlyElementsAreStopped(_ expression: String) throws {
        let text = String(repeating: "a", count: 40_000)
        let list = (0..<5_000).map(String.init).joined(separator: ",")
        let payload = "{\"t\":\"\(text)\",\"u\":\"\(text)\",\"l\":[\(list)],\"m\":[\(list)]}"
        let result = try SQLFixture.run("SELECT (SELECT VALUE \(expression) FROM l) AS x FROM 'a' AS r", payload: payload)
        #expect(result.hasPrefix("failed: ") || expression == "r.t < 5", "\(result.prefix(100))")
    }

    @Test func manyPathsInOneAliasAreSet() throws {
        let items = (0..<5_000).map { "\($0) AS a.k\($0)" }.joined(separator: ", ")
        #expect(try SQLFixture.run("SELECT \(items) FROM 'a'").hasSuffix("\"k4999\":4999}}"))
    }

    @Test func longArraysAreFiltered() throws {
        let payload = "{\"l\":[" + (0..<10_000).map { "{\"v\":\($0)}" }.joined(separator: ",") + "]}"
        #expect(
            try SQLFixture.run("SELECT (SELECT VALUE v FROM l WHERE v % 1000 = 7) AS x FROM 'a'", payload: payload)
                == #"{"x":[7,1007,2007,3007,4007,5007,6007,7007,8007,9007]}"#)
    }

    @Test func deepPayloadsAreNoJSON() throws {
        for depth in [SQLLimits.maxPayloadNesting + 2, Self.deep] {
            let payload = "{\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
            let result = try SQLStatement(parsing: "SELECT a FROM 'a'").evaluate(SQLFixture.message(payload))
            #expect(result.payloadError != nil && SQLFixture.text(result) == "{}")
        }
    }

    @Test(
        arguments: [
            "1e999999999", "-1e-999999999", "1E6144", "1e-6176", "99999999999999999999999999999999999999999999999999999999",
            "0.00000000000000000000000000000000000000000000001",
            "-0", "-0.0", "1e0", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1E999", "1E-999", "9.99E999",
        ])
    func extremeNumbersAreComputedWith(_ number: String) throws {
        let functions = [
            "abs", "ceil", "floor", "round", "sign", "sqrt", "exp", "ln", "log", "acos", "sinh", "chr", "bitnot", "length", "isnull", "md5",
        ]
        let calls =
            functions.map { "\($0)(v)" } + [
                "trunc(v, 3)", "power(v, v)", "mod(v, 3)", "mod(3, v)", "v + v", "v - v", "v * v", "v / v", "v % v", "1 / v", "-v", "v < 1",
                "v = v", "v + ''",
                "bitand(v, 1)", "lpad('', v)", "substring('abc', v, v)", "get([1], v)", "topic(v)", "parse_time('yyyy', v)",
                "cast(v AS String)", "cast(v AS Int)",
            ]
        for version in SQLVersion.allCases {
            for call in calls where version.isModern || !(call.contains("length") || call.contains("[") || call.contains("parse_time")) {
                _ = try SQLFixture.run("SELECT \(call) AS x FROM 'a'", payload: "{\"v\":\(number)}", version: version)
            }
        }
    }
}
