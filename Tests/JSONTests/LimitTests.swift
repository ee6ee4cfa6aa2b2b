import JSON
import Testing

/// Each limit, reached and passed, and that a hostile text costs no more than its length.
@Suite struct LimitTests {
    private func reason(_ text: String, _ limits: JSONLimits) throws -> JSONParseError.Reason {
        try #require(throws: JSONParseError.self) { try JSONValue(parsing: text, limits: limits) }.reason
    }

    @Test func nestsAsDeepAsAllowed() throws {
        let limits = JSONLimits(maxDepth: 3)
        #expect(try JSONValue(parsing: "[[[1]]]", limits: limits).serialized() == "[[[1]]]")
        #expect(try self.reason("[[[[1]]]]", limits) == .tooDeep(limit: 3))
        #expect(try self.reason(#"{"a":{"a":[{}]}}"#, limits) == .tooDeep(limit: 3))
        #expect(try JSONValue(parsing: "[[],[],[[]],{}]", limits: limits).serialized() == "[[],[],[[]],{}]")
        #expect(try JSONValue(parsing: "1", limits: JSONLimits(maxDepth: 0)) == 1)
        #expect(try self.reason("[]", JSONLimits(maxDepth: 0)) == .tooDeep(limit: 0))
    }

    @Test func nestsSixtyFourLevelsByDefault() throws {
        let deep = { (levels: Int) in String(repeating: "[", count: levels) + String(repeating: "]", count: levels) }
        #expect(try JSONValue(parsing: deep(64)).serialized() == deep(64))
        #expect(try self.reason(deep(65), .default) == .tooDeep(limit: 64))
    }

    /// Whatever a caller asks for, the stack is safe: written, compared, hashed and released at the deepest.
    @Test func hasADeepestNesting() throws {
        var limits = JSONLimits(maxDepth: .max)
        #expect(limits.maxDepth == JSONLimits.deepestNesting)
        limits.maxDepth = 1_000_000
        #expect(limits.maxDepth == JSONLimits.deepestNesting)
        for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
            let text = { (levels: Int) in String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels) }
            let value = try JSONValue(parsing: text(limits.maxDepth), limits: limits)
            #expect(value.serialized() == text(limits.maxDepth))
            #expect(Set([value, try JSONValue(parsing: text(limits.maxDepth), limits: limits)]).count == 1)
            #expect(try self.reason(text(limits.maxDepth + 1), limits) == .tooDeep(limit: JSONLimits.deepestNesting))
            #expect(
                try self.reason(String(repeating: open, count: 500_000), JSONLimits(maxBytes: .max, maxDepth: .max)) == .tooDeep(limit: 512)
            )
        }
    }

    @Test func readsAsManyBytesAsAllowed() throws {
        let limits = JSONLimits(maxBytes: 6)
        #expect(try JSONValue(parsing: "[1, 2]", limits: limits) == [1, 2])
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: "[1, 2] ", limits: limits) }
        #expect(error.reason == .tooManyBytes(limit: 6))
        #expect(error.description == "the text is longer than 6 bytes")
        // Without contiguous storage no more than the limit is copied.
        #expect(throws: JSONParseError.self) { try JSONValue(parsing: repeatElement(0x20, count: .max), limits: limits) }
    }

    @Test func takesAsManyKeysAsAllowed() throws {
        let limits = JSONLimits(maxKeys: 2)
        #expect(try JSONValue(parsing: #"{"a":1,"b":2}"#, limits: limits) == ["a": 1, "b": 2])
        #expect(try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#, limits: limits) == ["a": 3, "b": 2])
        #expect(try self.reason(#"{"a":1,"b":2,"c":3}"#, limits) == .tooManyKeys(limit: 2))
        #expect(try JSONValue(parsing: #"[{"a":1,"b":2},{"c":3}]"#, limits: limits) == [["a": 1, "b": 2], ["c": 3]])
    }

    @Test func duplicateKeysAreRefusedOrReplaced() throws {
        let text = #"{"a":1,"b":{"x":0},"a":2}"#
        #expect(try JSONValue(parsing: text).serialized() == #"{"a":2,"b":{"x":0}}"#)
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text, limits: JSONLimits(duplicateKeys: .reject)) }
        #expect(error.reason == .duplicateKey("a"))
        #expect(error.description == "the key \"a\" comes twice at line 1, column 20")
        #expect(try self.reason(#"{"a":1,"\u0061":2}"#, JSONLimits(duplicateKeys: .reject)) == .duplicateKey("a"))
        // Canonically equivalent is not the same.
        #expect(try JSONValue(parsing: "{\"\u{E9}\":1,\"e\u{301}\":2}", limits: JSONLimits(duplicateKeys: .reject))["\u{E9}"] == 1)
    }

    /// Ten thousand keys, found and refused in time that grows with their number only.
    @Test func largeObjectsAreIndexed() throws {
        let count = 10_000
        let text = "{" + (0..<count).map { "\"key\($0)\":\($0)" }.joined(separator: ",") + "}"
        let object = try #require(try JSONValue(parsing: text).objectValue)
        #expect(object.count == count)
        #expect((0..<count).allSatisfy { object["key\($0)"] == .int(Int64($0)) })
        let twice = text.dropLast() + ",\"key5000\":0}"
        #expect(try self.reason(String(twice), JSONLimits(duplicateKeys: .reject)) == .duplicateKey("key5000"))
    }

    @Test func longNumbersAndStringsAreRead() throws {
        let zeros = String(repeating: "0", count: 100_000)
        #expect(try JSONValue(parsing: "0." + zeros + "e100000") == 0)
        #expect(try JSONValue(parsing: "1." + zeros) == 1)
        #expect(try self.reason("1" + zeros, .default) == .numberOutOfRange)
        #expect(try JSONValue(parsing: "1" + zeros + "e-100000") == 1)
        #expect(try JSONValue(parsing: "0." + zeros + "1e100001") == 1)
        let text = String(repeating: "ä\\n", count: 100_000)
        #expect(try JSONValue(parsing: "\"\(text)\"").stringValue?.unicodeScalars.count == 200_000)
    }
}
