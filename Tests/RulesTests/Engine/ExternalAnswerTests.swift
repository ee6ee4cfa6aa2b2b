import AWSAPI
import JSON
import Testing

@testable import Rules

@Suite("Answers of other services, for SQL")
struct ExternalAnswerTests {
    @Test("an item of DynamoDB becomes the JSON that it stands for")
    func items() throws {
        let item: JSONObject = [
            "s": ["S": "text"], "n": ["N": "21.5"], "i": ["N": "7"], "b": ["BOOL": true], "nothing": ["NULL": true], "bytes": ["B": "AQI="],
            "list": ["L": [["S": "a"], ["N": "1"]]], "map": ["M": ["x": ["M": [:]]]], "ss": ["SS": ["a", "b"]], "ns": ["NS": ["1", "2.5"]],
            "odd": ["X": 1], "wrong": 5,
        ]
        #expect(
            JSONValue.object(DynamoDBValue.plain(item)) == [
                "s": "text", "n": 21.5, "i": 7, "b": true, "nothing": .null, "bytes": "AQI=", "list": ["a", 1], "map": ["x": [:]],
                "ss": ["a", "b"], "ns": [1, 2.5], "odd": .null, "wrong": .null,
            ])
        let value: JSONValue = ["a": [1, "x", .null, true, 2.5], "b": ["c": "d"]]
        #expect(DynamoDBValue.plain(DynamoDBValue.of(value)) == value)
    }

    @Test("a secret is given whole, or by a key of its JSON")
    func secrets() throws {
        let secret = SecretSource.Secret(text: #"{"user":"u","port":5}"#, binary: nil)
        #expect(try secret.value(.string, key: nil) == .string(#"{"user":"u","port":5}"#))
        #expect(try secret.value(.string, key: "user") == "u")
        #expect(try secret.value(.string, key: "port") == 5)
        #expect(throws: ExternalFunctionProblem.self) { try secret.value(.string, key: "none") }
        #expect(throws: ExternalFunctionProblem.self) { try secret.value(.binary, key: nil) }
        let binary = SecretSource.Secret(text: "plain", binary: "AQI=")
        #expect(try binary.value(.binary, key: nil) == "AQI=")
        #expect(throws: ExternalFunctionProblem.self) { try binary.value(.binary, key: "x") }
        #expect(throws: ExternalFunctionProblem.self) { try binary.value(.string, key: "x") }
    }

    @Test(
        "a secret's ARN holds its name",
        arguments: [
            ("db", ["db"]), ("arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf", ["db-AbCdEf", "db"]),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:db", ["db"]),
            ("arn:aws:secretsmanager:eu-west-1:1:secret:a/b-c-123456", ["a/b-c-123456", "a/b-c"]),
        ])
    func names(_ id: String, _ names: [String]) {
        #expect(SecretSource.names(of: id) == (id.hasPrefix("arn:") ? [id] : []) + names)
    }
}
