import JSON
import Testing

@testable import Rules

@Suite struct TemplateTests {
    static let samples: [(String, String)] = [
        ("plain", "plain"), ("", ""), ("${topic()}", "dt/sensor-7/telemetry"), ("a/${topic(2)}/${n}/z", "a/sensor-7/5/z"),
        ("${n}${d}", "52.5"), ("${obj}", #"{"a":1,"b":{"c":"deep"}}"#), ("${missing}", ""), ("${nul}", ""), ("x${missing}y", "xy"),
        ("${s}", "text"), ("${yes}", "true"), ("${arr}", "[1,2,3]"), ("${obj.b.c}", "deep"), ("${upper(s)}!", "TEXT!"),
        ("${get({'a}': '}'}, 'a}')}", "}"), ("${{'x': {'y': 1}}.x.y}", "1"), ("${ n + 1 }", "6"), ("$${n}", "$5"), ("$", "$"), ("$n", "$n"),
        ("{n}", "{n}"),
        ("${timestamp()}", "1700000000000"), ("${parse_time('yyyy/MM/dd', timestamp())}", "2023/11/14"),
        ("${CASE n WHEN 5 THEN 'five' END}", "five"),
        ("${(SELECT VALUE v FROM rows WHERE n = 'hum')}", "[40]"), ("${encode('a', 'base64')}", "YQ=="), ("€${s}€", "€text€"),
        ("}${n}}", "}5}"),
    ]

    @Test(arguments: samples) func holds(_ template: String, _ expected: String) throws {
        let statement = try SQLStatement(parsing: "SELECT n AS hidden FROM 'a'", version: .v2016)
        let parsed = try SubstitutionTemplate(parsing: template, in: statement)
        #expect(try parsed.evaluate(SQLFixture.message()) == expected)
        #expect(try SubstitutionTemplate(parsing: parsed.description, in: statement).parts == parsed.parts)
    }

    /// 5.8: `$$` at the start of a republish topic.
    @Test func aDoubledDollarStandsForOne() throws {
        let statement = try SQLStatement(parsing: "SELECT * FROM 'a'", version: .v2016)
        let template = try SubstitutionTemplate(parsing: "$$aws/things/${topic(2)}/shadow/update", in: statement, unescapesDollar: true)
        #expect(try template.evaluate(SQLFixture.message()) == "$aws/things/sensor-7/shadow/update")
        #expect(try SubstitutionTemplate(parsing: "a$$b", in: statement, unescapesDollar: true).evaluate(SQLFixture.message()) == "a$$b")
        #expect(try SubstitutionTemplate(parsing: "$$", in: statement).evaluate(SQLFixture.message()) == "$$")
    }

    /// 5.2: aliases are invisible, variables are not.
    @Test func seesVariablesAndThePayload() throws {
        let statement = try SQLStatement(parsing: "SET @x = n * 2 SELECT n AS alias FROM 'a' WHERE @x = 10", version: .v2016)
        let result = statement.evaluate(SQLFixture.message())
        guard case .output(let output) = result.outcome else {
            Issue.record("no output: \(result.outcome)")
            return
        }
        let template = try SubstitutionTemplate(parsing: "${@x}-${alias}-${d}", in: statement)
        #expect(try template.evaluate(SQLFixture.message(), variables: output.variables) == "10--2.5")
        #expect(try template.evaluate(SQLFixture.message()) == "10--2.5")
        #expect(!template.isConstant)
        #expect(try SubstitutionTemplate(parsing: "x", in: statement).isConstant)
    }

    @Test(
        arguments: [
            ("a${n", 5, "found the end of the template, expected '}' behind the expression"),
            ("${}", 3, "found the end of the expression, expected an expression"),
            ("ab${n m}", 7, "found 'm', expected an operator or '}'"), ("${'}", 5, "expected '}' behind the expression"),
            ("x${@y}", 4, "expected a variable that SET defines"), ("${decode(a, 'proto', 'b', 'k', 'f', 'm')}", 3, "in a template"),
        ])
    func errorsHaveAPlace(_ template: String, _ column: Int, _ message: String) throws {
        let statement = try SQLStatement(parsing: "SELECT * FROM 'a'", version: .v2016)
        let error = #expect(throws: SQLError.self) { try SubstitutionTemplate(parsing: template, in: statement) }
        #expect(error?.column == column && error?.description.contains(message) == true, "\(String(describing: error))")
    }
}
