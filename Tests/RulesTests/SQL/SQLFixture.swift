import JSON
import Testing

@testable import Rules

/// One line of a table: an expression, what it is, and the section of the reference that says so.
struct SQLCase: Sendable, CustomTestStringConvertible {
    let section: String
    let expression: String
    /// JSON text, or "undefined".
    let expected: String

    var testDescription: String { "\(self.section): \(self.expression)" }

    /// Lines of the form `expression => JSON`; empty ones do not count.
    static func table(_ section: String, _ text: String) -> [SQLCase] {
        text.split(separator: "\n").map { line in
            guard let arrow = line.range(of: " => ") else {
                return SQLCase(section: section, expression: String(line), expected: "no arrow")
            }
            return SQLCase(
                section: section, expression: String(line[..<arrow.lowerBound]).trimmed, expected: String(line[arrow.upperBound...]).trimmed
            )
        }
    }

    func check(version: SQLVersion = .v2016, options: SQLOptions = .default, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let actual = try SQLFixture.value(of: self.expression, version: version, options: options)
        #expect(actual == self.expected, "\(self.section): \(self.expression)", sourceLocation: sourceLocation)
    }
}

extension String {
    fileprivate var trimmed: String { String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()) }

    fileprivate func range(of part: String) -> Range<String.Index>? { self.ranges(of: part).last }
}

extension Substring {
    fileprivate func range(of part: String) -> Range<Substring.Index>? { self.ranges(of: part).last }
}

enum SQLFixture {
    /// What most cases read.
    static let payload = #"""
        {"n": 5, "d": 2.5, "neg": -7, "whole": 10.0, "s": "text", "num": "12.5", "yes": true, "no": false, "nul": null, "empty": "",
         "uni": "Füße €", "arr": [1, 2, 3], "mixed": [1, "two", null, {"k": 3}], "obj": {"a": 1, "b": {"c": "deep"}},
         "rows": [{"n": "temp", "v": 21.5}, {"n": "hum", "v": 40}, {"n": "temp", "v": 22}], "big": 12345678901234567890,
         "value": 9, "item2": 7, "nested": [[1, 2], [3]]}
        """#

    static let now: Int64 = 1_700_000_000_000

    static func message(_ payload: String = SQLFixture.payload, topic: String = "dt/sensor-7/telemetry") -> SQLMessage {
        SQLMessage(
            topic: topic, payload: Array(payload.utf8), clientID: "client-1", principal: "abc123", sourceIP: "192.0.2.7",
            traceID: "11111111-2222-3333-4444-555555555555", accountID: "123456789012", timestampMilliseconds: self.now,
            properties: SQLMessage.Properties(
                contentType: "application/json", responseTopic: "reply/here", correlationData: Array("corr".utf8), isUTF8Payload: true,
                userProperties: [.init(key: "k", value: "1"), .init(key: "other", value: "x"), .init(key: "k", value: "2")]))
    }

    /// JSON text of an expression's value, "undefined", or what went wrong.
    static func value(
        of expression: String, payload: String = SQLFixture.payload, version: SQLVersion = .v2016, options: SQLOptions = .default
    ) throws -> String {
        let statement = try SQLStatement(parsing: "SELECT VALUE \(expression) FROM 'a'", version: version, options: options)
        return self.text(statement.evaluate(self.message(payload)))
    }

    /// The bytes that a statement puts out.
    static func run(_ sql: String, payload: String = SQLFixture.payload, version: SQLVersion = .v2016) throws -> String {
        self.text(try SQLStatement(parsing: sql, version: version).evaluate(self.message(payload)))
    }

    static func text(_ result: SQLResult) -> String {
        switch result.outcome {
        case .output(let output): output.bytes.isEmpty ? "undefined" : String(decoding: output.bytes, as: UTF8.self)
        case .noMatch(let reason): "no match: \(reason)"
        case .failed(let failure): "failed: \(failure)"
        }
    }

    static func error(_ sql: String, version: SQLVersion = .v2016) -> SQLError? {
        do throws(SQLError) {
            _ = try SQLStatement(parsing: sql, version: version)
            return nil
        } catch {
            return error
        }
    }
}
