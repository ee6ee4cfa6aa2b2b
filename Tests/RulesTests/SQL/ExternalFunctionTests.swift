import JSON
import Testing

@testable import Rules

@Suite struct ExternalFunctionTests {
    /// Answers by function, and counts.
    private actor Functions: SQLExternalFunctions {
        struct Broken: Error, CustomStringConvertible {
            let description = "the service is down"
        }

        private(set) var calls: [SQLExternalCall] = []

        func answer(_ call: SQLExternalCall) async throws -> JSONValue? {
            self.calls.append(call)
            switch call {
            case .lambda(_, .json(let payload)): return ["echo": payload]
            case .lambda(_, .raw(let bytes)): return .string(String(decoding: bytes, as: UTF8.self))
            case .thingShadow: return ["state": ["desired": ["t": 20.0]]]
            case .dynamoDBItem: return ["owner": "me"]
            case .secret: return "s3cret"
            case .registryData: throw Broken()
            case .prediction(_, _, let record): return .object(record)
            case .protobuf(let message, _, _, _, let type): return ["type": .string(type), "bytes": JSONValue(message.count)]
            }
        }
    }

    private static let role = "'arn:aws:iam::123456789012:role/r'"
    private static let lambda = "'arn:aws:lambda:us-east-1:123456789012:function:f'"

    static let samples: [(String, String)] = [
        ("SELECT aws_lambda(\(lambda), {'a': n}).echo AS x FROM 'a'", #"{"x":{"a":5}}"#),
        ("SELECT aws_lambda(\(lambda), *) AS x FROM 'a'", #"{"x":"{\"n\":5}"}"#),
        ("SELECT aws_lambda(\(lambda), missing) AS x FROM 'a'", "{}"),
        ("SELECT get_thing_shadow(topic(2), \(role)).state.desired.t AS t FROM 'a'", #"{"t":20}"#),
        ("SELECT get_thing_shadow('t', 'named', \(role)).state.desired.t + n AS t FROM 'a'", #"{"t":25}"#),
        ("SELECT get_dynamodb('table', 'id', n, \(role)).owner AS o FROM 'a'", #"{"o":"me"}"#),
        ("SELECT get_dynamodb('table', 'id', n, 'sort', 'x', \(role)).owner AS o FROM 'a'", #"{"o":"me"}"#),
        ("SELECT get_dynamodb('table', 'id', true, \(role)).owner AS o FROM 'a'", "{}"),
        ("SELECT get_secret('id', 'SecretString', \(role)) AS s FROM 'a'", #"{"s":"s3cret"}"#),
        ("SELECT get_secret('id', 'SecretString', 'key', \(role)) AS s FROM 'a'", #"{"s":"s3cret"}"#),
        ("SELECT machinelearning_predict('m', \(role), {'a': 1, 'b': [1]}) AS p FROM 'a'", #"{"p":{"a":1,"b":"[1]"}}"#),
        ("SELECT decode(encode(*, 'base64'), 'proto', 'b', 'k', 'f', 'Type') AS p FROM 'a'", #"{"p":{"type":"Type","bytes":7}}"#),
        ("SELECT decode('!', 'proto', 'b', 'k', 'f', 'Type') AS p FROM 'a'", #"{"p":null}"#),
        ("SELECT get_or_default(get_registry_data('DescribeThing', 't', \(role)), 'none') AS r FROM 'a'", #"{"r":"none"}"#),
        (
            "SELECT get_registry_data('DescribeThing', 't', \(role)) AS r FROM 'a'",
            "failed: get_registry_data() failed: the service is down"
        ),
        ("SELECT n FROM 'a' WHERE get_secret('id', 'SecretString', \(role)) = 's3cret'", #"{"n":5}"#),
        (
            "SELECT get_dynamodb('t', 'a', 1, \(role)) AS a, get_dynamodb('t', 'a', 2, \(role)) AS b FROM 'a'",
            "failed: get_dynamodb() can be called once in a statement; set a variable and use it twice"
        ),
    ]

    @Test(arguments: samples) func holds(_ sql: String, _ expected: String) async throws {
        let statement = try SQLStatement(parsing: sql, version: .v2016)
        #expect(!statement.externalFunctions.isEmpty)
        let result = await statement.evaluate(SQLFixture.message(#"{"n":5}"#), calling: Functions())
        #expect(SQLFixture.text(result) == expected)
    }

    @Test func aCallIsMadeOnceHoweverOftenItIsNeeded() async throws {
        let functions = Functions()
        let sql =
            "SET @s = get_thing_shadow('t', \(Self.role)) SELECT @s.state AS a, @s.state AS b, rand() = rand() AS same, "
            + "get_thing_shadow('t', \(Self.role)) AS c, get_thing_shadow('u', \(Self.role)) AS d FROM 'a'"
        let statement = try SQLStatement(parsing: sql, version: .v2016)
        let result = await statement.evaluate(SQLFixture.message(), calling: functions)
        guard case .output(let output) = result.outcome else {
            Issue.record("no output: \(result.outcome)")
            return
        }
        #expect(await functions.calls.count == 2)
        let template = try SubstitutionTemplate(parsing: "${@s.state.desired.t}", in: statement)
        #expect(try template.evaluate(SQLFixture.message(), variables: output.variables) == "20")
    }

    @Test func nothingIsCalledForAMessageThatDoesNotMatch() async throws {
        let functions = Functions()
        let sql = "SET @s = get_thing_shadow('t', \(Self.role)) SELECT @s AS s FROM 'a' WHERE n > 9"
        _ = await (try SQLStatement(parsing: sql, version: .v2016)).evaluate(SQLFixture.message(), calling: functions)
        #expect(await functions.calls.isEmpty)
    }

    @Test func callsAreBounded() async throws {
        let sql = "SELECT (SELECT VALUE get_thing_shadow(a, \(Self.role)) FROM rows AS a) AS s FROM 'a'"
        let rows = (0..<100).map { "\"\($0)\"" }.joined(separator: ",")
        let functions = Functions()
        let result = await (try SQLStatement(parsing: sql, version: .v2016)).evaluate(
            SQLFixture.message("{\"rows\":[\(rows)]}"), calling: functions)
        #expect(SQLFixture.text(result).hasPrefix("failed: the statement makes more than 32 external calls"))
        #expect(await functions.calls.count == SQLLimits.maxExternalCalls)
    }

    @Test func withoutAWayToCallTheyFail() throws {
        let sql = "SELECT get_thing_shadow('t', \(Self.role)) AS s FROM 'a'"
        #expect(try SQLFixture.run(sql) == "failed: get_thing_shadow() cannot be called here")
    }

    @Test(
        arguments: [
            "aws_lambda()", "aws_lambda('f', 1)", "aws_lambda(arn, 1)", "aws_lambda(\(lambda))", "get_thing_shadow('t')",
            "get_thing_shadow('t', role)",
            "get_dynamodb('t', 'k', 1, 's', \(role))", "get_secret('id', 'Other', \(role))", "get_secret('id', type, \(role))",
            "get_registry_data('DescribeGroup', 't', \(role))", "machinelearning_predict('m', 'r', *)", "decode(a, 'proto', 'b')",
            "decode(a, s, 'b', 'k', 'f', 'm')",
            "[decode(a,'proto','b','k','f','m'), decode(b,'proto','b','k','f','m'), decode(c,'proto','b','k','f','m')]",
        ])
    func argumentsAreCheckedWithTheStatement(_ call: String) {
        #expect(SQLFixture.error("SELECT \(call) FROM 'a'") != nil)
    }
}
