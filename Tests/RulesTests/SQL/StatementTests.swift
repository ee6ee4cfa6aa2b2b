import JSON
import Testing

@testable import Rules

/// A statement, a payload, and what comes out.
struct StatementCase: Sendable, CustomTestStringConvertible {
    let section: String
    let sql: String
    let payload: String
    let expected: String

    init(_ section: String, _ sql: String, _ expected: String, payload: String = SQLFixture.payload) {
        self.section = section
        self.sql = sql
        self.payload = payload
        self.expected = expected
    }

    var testDescription: String { "\(self.section): \(self.sql)" }

    func check(_ version: SQLVersion) throws {
        #expect(try SQLFixture.run(self.sql, payload: self.payload, version: version) == self.expected)
    }
}

@Suite struct StatementTests {
    static let selection: [StatementCase] = [
        StatementCase("5.2 SELECT", "SELECT n FROM 'a'", #"{"n":5}"#),
        StatementCase("5.2 SELECT", "select n, d from 'a'", #"{"n":5,"d":2.5}"#),
        StatementCase("5.2 SELECT", "SELECT n AS x FROM 'a';", #"{"x":5}"#),
        StatementCase("5.2 alias path", "SELECT n AS a.b, d AS a.c FROM 'a'", #"{"a":{"b":5,"c":2.5}}"#),
        StatementCase("5.2 alias path", "SELECT n AS a, d AS a.c FROM 'a'", #"{"a":{"c":2.5}}"#),
        StatementCase("5.2 alias path", "SELECT n AS a.b.c.d FROM 'a'", #"{"a":{"b":{"c":{"d":5}}}}"#),
        StatementCase("5.2 alias path", "SELECT n AS value, d AS end FROM 'a'", #"{"value":5,"end":2.5}"#),
        StatementCase("5.2 un-aliased", "SELECT obj.b.c FROM 'a'", #"{"c":"deep"}"#),
        StatementCase("5.2 un-aliased", "SELECT upper(s) FROM 'a'", #"{"upper":"TEXT"}"#),
        StatementCase("5.2 un-aliased", "SELECT n + 1, 'x', clientId() FROM 'a'", #"{"_1":6,"_2":"x","clientid":"client-1"}"#),
        StatementCase("5.2 un-aliased", "SELECT obj['a'] FROM 'a'", #"{"_1":1}"#),
        StatementCase("5.2 same key", "SELECT n AS x, d AS x FROM 'a'", #"{"x":2.5}"#),
        StatementCase("5.2 Undefined members", "SELECT n, missing, nul FROM 'a'", #"{"n":5,"nul":null}"#),
        StatementCase("5.2 Undefined members", "SELECT missing FROM 'a'", "{}"),
        StatementCase("5.2 star", "SELECT * FROM 'a'", #"{"b":1,"a":10}"#, payload: #" {"b" : 1, "a" : 10.0} "#),
        StatementCase("5.2 star", "SELECT *, topic(1) AS t FROM 'a'", #"{"a":1,"t":"dt"}"#, payload: #"{"a":1}"#),
        StatementCase("5.2 star", "SELECT *, 2 AS a FROM 'a'", #"{"a":2}"#, payload: #"{"a":1}"#),
        StatementCase("5.2 star", "SELECT 2 AS a, * FROM 'a'", #"{"a":1}"#, payload: #"{"a":1}"#),
        StatementCase("5.2 star", "SELECT * AS m FROM 'a'", #"{"m":{"a":1}}"#, payload: #"{"a":1}"#),
        StatementCase("5.2 star", "SELECT * AS m.n, 1 AS m.o FROM 'a'", #"{"m":{"n":{"a":1},"o":1}}"#, payload: #"{"a":1}"#),
        StatementCase("5.2 raw", "SELECT * FROM 'a'", "not json", payload: "not json"),
        StatementCase("5.2 raw", "SELECT * FROM 'a'", "undefined", payload: ""),
        StatementCase("5.2 raw", "SELECT * FROM 'a'", "\"just text\"", payload: "\"just text\""),
        StatementCase("5.2 raw", "SELECT * FROM 'a'", "[1, 2.0]", payload: "[1, 2.0]"),
        StatementCase("5.2 raw", "SELECT *, 1 AS x FROM 'a'", #"{"payload":"bm90IGpzb24=","x":1}"#, payload: "not json"),
        StatementCase("5.2 raw", "SELECT * AS m FROM 'a'", #"{"m":"bm90IGpzb24="}"#, payload: "not json"),
        StatementCase("5.2 raw", "SELECT encode(*, 'base64') AS e FROM 'a'", #"{"e":"bm90IGpzb24="}"#, payload: "not json"),
        StatementCase("5.2 raw", "SELECT decode(encode(*, 'base64'), 'base64') AS v FROM 'a'", #"{"v":"x"}"#, payload: "\"x\""),
        StatementCase("5.1 invalid", "SELECT a, topic(1) AS t FROM 'a'", #"{"t":"dt"}"#, payload: "{a:1}"),
        StatementCase("5.2 VALUE", "SELECT VALUE n FROM 'a'", "5"),
        StatementCase("5.2 VALUE", "SELECT VALUE obj FROM 'a'", #"{"a":1,"b":{"c":"deep"}}"#),
        StatementCase("5.2 VALUE", "SELECT VALUE arr FROM 'a'", "[1,2,3]"),
        StatementCase("5.2 VALUE", "SELECT VALUE missing FROM 'a'", "undefined"),
        StatementCase("5.2 VALUE", "SELECT VALUE * FROM 'a'", #"{"a":1}"#, payload: #"{"a":1}"#),
        StatementCase("5.2 VALUE as a field", "SELECT value FROM 'a'", #"{"value":9}"#),
        StatementCase("5.2 VALUE as a field", "SELECT value AS v, n FROM 'a'", #"{"v":9,"n":5}"#),
        StatementCase("5.2 VALUE as a field", "SELECT value - 1 AS v FROM 'a'", #"{"v":8}"#),
        StatementCase("5.2 VALUE as a field", "SELECT value * 2 AS v FROM 'a'", #"{"v":18}"#),
        StatementCase("5.2 VALUE as a field", "SELECT value IN [9] AS v FROM 'a'", #"{"v":true}"#),
        StatementCase("5.2 VALUE as a field", "SELECT value NOT IN [9] AS v FROM 'a'", #"{"v":false}"#),
        StatementCase("5.2 VALUE", "SELECT VALUE NOT yes FROM 'a'", "false"),
        StatementCase("5.2 no FROM", "SELECT n", #"{"n":5}"#),
        StatementCase("5.2 no FROM", "SELECT n WHERE n = 5", #"{"n":5}"#),
        StatementCase("5.2 many lines", "SELECT\n\tn\r\nFROM\n'a'\nWHERE\nn = 5", #"{"n":5}"#),
    ]

    static let conditions: [StatementCase] = [
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE n = 5", #"{"n":5}"#),
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE n > 5", "no match: the WHERE clause is false"),
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE missing > 5", "no match: the WHERE clause is Undefined"),
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE n", "no match: the WHERE clause is of type number, not Boolean"),
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE 'true'", #"{"n":5}"#),
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE 'TRUE'", #"{"n":5}"#),
        StatementCase("5.2 WHERE", "SELECT n FROM 'a' WHERE NULL", "no match: the WHERE clause is of type null, not Boolean"),
        StatementCase("5.2 WHERE", "SELECT n AS x FROM 'a' WHERE x = 5", "no match: the WHERE clause is Undefined"),
        StatementCase("5.2 WHERE", "SELECT * FROM 'a' WHERE a = 1", "no match: the WHERE clause is Undefined", payload: "not json"),
    ]

    static let nested: [StatementCase] = [
        StatementCase("5.2 subquery", "SELECT (SELECT v FROM rows WHERE n = 'temp') AS t FROM 'a'", #"{"t":[{"v":21.5},{"v":22}]}"#),
        StatementCase("5.2 subquery", "SELECT (SELECT VALUE v FROM rows WHERE n = 'temp') AS t FROM 'a'", #"{"t":[21.5,22]}"#),
        StatementCase("5.2 subquery", "SELECT get((SELECT v FROM rows WHERE n = 'hum'), 0).v AS h FROM 'a'", #"{"h":40}"#),
        StatementCase("5.2 subquery", "SELECT (SELECT a, b FROM obj) AS o FROM 'a'", #"{"o":{"a":1,"b":{"c":"deep"}}}"#),
        StatementCase("5.2 subquery", "SELECT (SELECT VALUE b.c FROM obj) AS c FROM 'a'", #"{"c":"deep"}"#),
        StatementCase("5.2 subquery", "SELECT (SELECT VALUE a FROM obj WHERE a = 2) AS c FROM 'a'", "{}"),
        StatementCase("5.2 subquery", "SELECT (SELECT a FROM missing) AS c, (SELECT a FROM n) AS d FROM 'a'", "{}"),
        StatementCase("5.2 subquery", "SELECT (SELECT * FROM rows WHERE v > 30) AS r FROM 'a'", #"{"r":[{"n":"hum","v":40}]}"#),
        StatementCase("5.2 subquery", "SELECT (SELECT VALUE * FROM arr) AS r FROM 'a'", #"{"r":[1,2,3]}"#),
        StatementCase("5.2 subquery", "SELECT (SELECT VALUE x + n FROM arr AS x) AS r FROM 'a'", #"{"r":[]}"#),
        StatementCase("5.2 alias", "SELECT (SELECT VALUE x * 2 FROM arr AS x WHERE x > 1) AS r FROM 'a'", #"{"r":[4,6]}"#),
        StatementCase("5.2 alias", "SELECT (SELECT VALUE r.v FROM rows AS r WHERE r.n = 'hum') AS r FROM 'a'", #"{"r":[40]}"#),
        StatementCase("5.2 alias", "SELECT (SELECT VALUE x + root.n FROM arr AS x) AS r FROM 'a' AS root", #"{"r":[6,7,8]}"#),
        StatementCase(
            "5.2 alias", "SELECT (SELECT VALUE (SELECT VALUE a.n + b FROM arr2 AS b) FROM rows AS a) AS r FROM 'a'", #"{"r":[[11,12]]}"#,
            payload: #"{"rows":[{"n":10,"arr2":[1,2]}]}"#),
        StatementCase("5.2 subquery of literal", "SELECT (SELECT VALUE x FROM [1, 2] AS x WHERE x = 2) AS r FROM 'a'", #"{"r":[2]}"#),
        StatementCase(
            "5.2 WHERE subquery", "SELECT n FROM 'a' WHERE length((SELECT VALUE v FROM rows WHERE n = 'x')) > 2",
            "no match: the WHERE clause is false"),
        StatementCase("5.2 EXISTS", "SELECT n FROM 'a' WHERE EXISTS (SELECT * FROM rows WHERE v > 30)", #"{"n":5}"#),
        StatementCase("5.2 EXISTS", "SELECT EXISTS (SELECT * FROM rows WHERE v > 99) AS e FROM 'a'", #"{"e":false}"#),
        StatementCase(
            "5.2 EXISTS", "SELECT EXISTS (SELECT * FROM missing) AS e, exists (SELECT a FROM obj) AS f FROM 'a'", #"{"e":false,"f":true}"#),
        StatementCase("5.2 FROM array", "SELECT v FROM (rows) WHERE n = 'temp'", #"[{"v":21.5},{"v":22}]"#),
        StatementCase("5.2 FROM array", "SELECT VALUE r.v FROM (rows) AS r", "[21.5,40,22]"),
        StatementCase(
            "5.6 transform sample",
            "SELECT VALUE transform('enrichArray', (SELECT a, b FROM data2), (SELECT VALUE c FROM data2)) FROM 'a'",
            #"[{"x":1,"a":10,"b":20},{"x":2,"a":10,"b":20}]"#, payload: #"{"data2":{"a":10,"b":20,"c":[{"x":1},{"x":2}]}}"#),
        StatementCase("5.2 CASE", "SELECT CASE n WHEN 1 THEN 'one' WHEN 5 THEN 'five' ELSE 'many' END AS c FROM 'a'", #"{"c":"five"}"#),
        StatementCase("5.2 CASE", "SELECT CASE n WHEN 1 THEN 'one' ELSE 'many' END AS c FROM 'a'", #"{"c":"many"}"#),
        StatementCase("5.2 CASE", "SELECT CASE n WHEN 1 THEN 'one' END AS c FROM 'a'", "{}"),
        StatementCase("5.2 CASE", "SELECT CASE missing WHEN UNDEFINED THEN 1 ELSE 2 END AS c FROM 'a'", "{}"),
        StatementCase("5.2 CASE", "SELECT CASE nul WHEN NULL THEN 1 ELSE 2 END AS c FROM 'a'", #"{"c":1}"#),
        StatementCase("5.2 CASE", "SELECT CASE n WHEN 5 THEN 1 WHEN 5 THEN 2 END AS c FROM 'a'", #"{"c":1}"#),
        StatementCase("5.2 CASE", "SELECT CASE s WHEN 'text' THEN CASE n WHEN 5 THEN 'in' END END AS c FROM 'a'", #"{"c":"in"}"#),
        StatementCase("5.2 SET", "SET @x = n * 2, @y = @x + 1 SELECT @x, @y AS why FROM 'a' WHERE @y = 11", #"{"x":10,"why":11}"#),
        StatementCase("5.2 SET", "SET @o = obj SELECT @o.b.c, @o FROM 'a'", #"{"c":"deep","o":{"a":1,"b":{"c":"deep"}}}"#),
        StatementCase("5.2 SET", "SET @c = (215 / 9) SELECT trunc(@c, 2) AS c FROM 'a'", #"{"c":23.88}"#),
        StatementCase("5.2 SET", "SET @f = 40 SELECT (SELECT v FROM rows WHERE v >= @f) AS r FROM 'a'", #"{"r":[{"v":40}]}"#),
    ]

    @Test(arguments: selection + conditions + nested) func holds(_ line: StatementCase) throws { try line.check(.v2016) }

    @Test(arguments: selection + conditions + nested) func betaIsTheNewest(_ line: StatementCase) throws { try line.check(.beta) }

    static let old: [StatementCase] = [
        StatementCase("5.7", "SELECT whole, n FROM 'a'", #"{"whole":10.0,"n":5}"#),
        StatementCase("5.7", "SELECT * FROM 'a'", #"{"a":10.0}"#, payload: #"{"a":10.0}"#),
        StatementCase("5.7", "SELECT 2.5 + 2.5 AS s, 2 + 2 AS i, 10.0 AS l FROM 'a'", #"{"s":5.0,"i":4,"l":10.0}"#),
        StatementCase("5.7", "SELECT sqrt(9) AS a, power(2, 5) AS b, cast(1 AS Double) AS c FROM 'a'", #"{"a":3.0,"b":32.0,"c":1.0}"#),
        StatementCase("5.7", "SELECT cast(whole AS String) AS s, cast(2.7 AS Int) AS i FROM 'a'", #"{"s":"10.0","i":2}"#),
        StatementCase("5.7", "SELECT round(2.5) AS r, ceil(whole) AS c, trunc(2.00, 5) AS t FROM 'a'", #"{"r":3,"c":10,"t":2.0}"#),
        StatementCase("5.7", "SELECT 10 / 4.0 AS a, 10 / 2.5 AS b, '3' * 2 AS c FROM 'a'", #"{"a":2.5,"b":4.0,"c":6.0}"#),
        StatementCase("5.7", "SELECT VALUE arr FROM 'a'", "undefined"),
        StatementCase("5.7", "SELECT VALUE obj FROM 'a'", #"{"a":1,"b":{"c":"deep"}}"#),
        StatementCase("5.7", "SELECT sql_version() AS v FROM 'a'", #"{"v":"2015-10-08"}"#),
        StatementCase("5.7", "SELECT CASE n WHEN 5 THEN 'x' END AS c FROM 'a'", #"{"c":"x"}"#),
    ]

    @Test(arguments: old) func holdsIn2015(_ line: StatementCase) throws { try line.check(.v2015) }

    @Test func theFaceTellsWhatAStatementIs() throws {
        let all = try SQLStatement(parsing: "SELECT * FROM 'a/+/b'")
        #expect(all.version == .v2015 && all.selectsOnlyStar && all.topicFilter == "a/+/b" && all.externalFunctions.isEmpty)
        let bare = try SQLStatement(parsing: "SELECT a FROM dt/+/x WHERE a = 1", version: .v2016)
        #expect(!bare.selectsOnlyStar && bare.topicFilter == "dt/+/x")
        #expect(try SQLStatement(parsing: "SELECT a FROM $aws/things/+/shadow/#").topicFilter == "$aws/things/+/shadow/#")
        #expect(try SQLStatement(parsing: "SELECT a FROM \"t\"").topicFilter == "t")
        #expect(try SQLStatement(parsing: "SELECT a FROM #").topicFilter == "#")
        #expect(try SQLStatement(parsing: "SELECT a").topicFilter == nil)
        #expect(try SQLStatement(parsing: "SELECT a FROM (b)", version: .v2016).topicFilter == nil)
    }

    /// 5.1: fields of what is no JSON are Undefined, and the metric counts it; nothing is counted when no field was asked for.
    @Test func aPayloadThatIsNoJSONIsReported() throws {
        let fields = try SQLStatement(parsing: "SELECT a FROM 'a'")
        #expect(fields.evaluate(SQLFixture.message("{")).payloadError != nil)
        #expect(fields.evaluate(SQLFixture.message("{}")).payloadError == nil)
        #expect(fields.evaluate(SQLFixture.message("5")).payloadError == nil)
        #expect(try SQLStatement(parsing: "SELECT topic() AS t FROM 'a'").evaluate(SQLFixture.message("{")).payloadError == nil)
    }
}
