import JSON
import Testing

@testable import roost

@Suite("Differences of documents")
struct JSONDifferenceTests {
    /// The differences as their paths with marks.
    static func differences(_ old: String, _ new: String) throws -> [String] {
        let old = try #require(try JSONValue(parsing: old).objectValue)
        let new = try #require(try JSONValue(parsing: new).objectValue)
        return JSONDifference.between(old, new).map { difference in
            switch difference.change {
            case .added(let value): "+\(difference.path)=\(value)"
            case .removed(let value): "-\(difference.path)=\(value)"
            case .replaced(let old, let new): "\(difference.path)=\(old)>\(new)"
            }
        }
    }

    @Test(
        "are what was added, removed and replaced, in the documents' order",
        arguments: [
            ("{}", "{}", []),
            (#"{"a":1}"#, #"{"a":1}"#, []),
            (#"{"a":1}"#, #"{"a":2}"#, ["a=1>2"]),
            (#"{"a":1,"b":2}"#, #"{"c":3,"b":2}"#, ["-a=1", "+c=3"]),
            (#"{"a":{"b":1,"c":2}}"#, #"{"a":{"c":3,"d":4}}"#, ["-a.b=1", "a.c=2>3", "+a.d=4"]),
            // New objects leaf by leaf, old ones whole.
            ("{}", #"{"a":{"b":{"c":1},"d":{}}}"#, ["+a.b.c=1", "+a.d={}"]),
            (#"{"a":{"b":{"c":1}}}"#, "{}", [#"-a={"b":{"c":1}}"#]),
            // Another kind, arrays as values.
            (#"{"a":{"b":1}}"#, #"{"a":1}"#, [#"a={"b":1}>1"#]),
            (#"{"a":[1,{"b":2}]}"#, #"{"a":[1,{"b":3}]}"#, [#"a=[1,{"b":2}]>[1,{"b":3}]"#]),
            (#"{"a":null}"#, #"{"a":false}"#, ["a=null>false"]),
            // By meaning.
            (#"{"a":1,"b":{"c":1,"d":2}}"#, #"{"b":{"d":2,"c":1.0},"a":1.0}"#, []),
        ])
    func between(old: String, new: String, expected: [String]) throws {
        #expect(try Self.differences(old, new) == expected)
    }

    @Test("have paths with keys in quotes where they are no words")
    func paths() {
        let path = JSONPath().appending("desired").appending("a.b").appending("").appending("$x-y:z_1").appending("ü\"\n")
        #expect(path.description == #"desired."a.b"."".$x-y:z_1."ü\"\n""#)
    }
}
