import AWSAPI
import Testing

@testable import Targets

@Suite("Filter patterns of log events")
struct LogFilterTests {
    @Test(
        arguments: [
            ("", "anything", true), ("  ", "anything", true), ("ERROR", "an ERROR", true), ("ERROR", "an error", false),
            ("a b", "b then a", true), ("a b", "only a", false), ("\"a b\"", "a b", true), ("\"a b\"", "b a", false),
            ("-a", "b", true), ("-a", "a", false), ("a -\"b c\"", "a b c", false), ("a -\"b c\"", "a c b", true), ("?x ?y", "y", true),
            ("?x ?y", "z", false), ("a ?x", "x", false), ("-", "a", true), ("\"\"", "a", true),
        ])
    func matches(_ pattern: String, _ message: String, _ expected: Bool) throws {
        #expect(try LogFilter(pattern).matches(message) == expected)
    }

    @Test("what is not offered, or has no end, is refused", arguments: ["{ $.a = 1", " [a, b]", "%re%", "\"open", "a -\"open"])
    func refuses(_ pattern: String) {
        #expect(throws: AWSError.self) { try LogFilter(pattern) }
    }
}
