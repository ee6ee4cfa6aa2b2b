import AWSAPI
import Testing

@testable import Targets

@Suite struct JSONLogFilterTests {
    private static let event = #"""
        {"clientId": "lamp-1", "status": "Failure", "count": 12, "ok": true, "none": null, "at": {"list": [{"x": 1.5}, "b"]}, "text": "a \"b\" c"}
        """#

    @Test(arguments: [
        (#"{ $.clientId = "lamp-1" }"#, true), (#"{$.clientId=lamp-1}"#, true), (#"{ $.clientId = "lamp*" }"#, true),
        (#"{ $.clientId = "*-1" }"#, true), (#"{ $.clientId = "l*p*1" }"#, true), (#"{ $.clientId = "lamp-1*1" }"#, false),
        (#"{ $.clientId = "*" }"#, true), (#"{ $.clientId != "lamp*" }"#, false), (#"{ $.missing != "x" }"#, false),
        (#"{ $.count = 12 }"#, true), (#"{ $.count > 11.5 }"#, true), (#"{ $.count >= 1e2 }"#, false), (#"{ $.count = "12" }"#, true),
        (#"{ $.count != 12 }"#, false), (#"{ $.clientId > 1 }"#, false), (#"{ $.ok IS TRUE }"#, true), (#"{ $.ok IS FALSE }"#, false),
        (#"{ $.none IS NULL }"#, true), (#"{ $.missing IS NULL }"#, false), (#"{ $.missing NOT EXISTS }"#, true),
        (#"{ $.none EXISTS }"#, true), (#"{ $.at.list[0].x = 1.5 }"#, true), (#"{ $.at.list[1] = b }"#, true),
        (#"{ $.at.list[9] = b }"#, false), (#"{ $.text = "a \"b\" c" }"#, true),
        (#"{ $.status = Failure && $.count < 10 || $.ok IS TRUE }"#, true),
        (#"{ $.status = Failure && ($.count < 10 || $.ok IS FALSE) }"#, false),
    ])
    func patterns(_ pattern: String, _ isMatch: Bool) throws {
        #expect(try LogFilter(pattern).matches(Self.event) == isMatch)
    }

    @Test func whatIsNoObjectDoesNotMatch() throws {
        let filter = try LogFilter("{ $.a NOT EXISTS }")
        #expect(filter.matches("{}"))
        for message in ["", "text", "[]", "12", "{"] { #expect(!filter.matches(message)) }
    }

    @Test(arguments: [
        "{", "{}", "{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $ = 1 }", "{ $.a = 1", "{ $.a = 1 } x", "{ $.a = \"x }", "{ $.a > x }",
        "{ $.a[x] = 1 }", "{ $.a[99999999999999999999] = 1 }", "{ ($.a = 1 }", "{ $.a = 1 && }", "{ $. = 1 }",
        "{ " + String(repeating: "(", count: 500),
    ])
    func whatIsWrongIsRefused(_ pattern: String) {
        #expect(throws: AWSError.self) { try LogFilter(pattern) }
    }
}
