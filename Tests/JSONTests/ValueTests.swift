import JSON
import Testing

@Suite struct ValueTests {
    @Test(
        arguments: [
            (1, 1.0, true), (1, 1.5, false), (0, -0.0, true), (.int(.max), .decimal(JSONDecimal(Int64.max)), true), (1, "1", false),
            (nil, false, false),
            (0, false, false), ([1], [1.0], true), ([1], [1, 1], false), ("a", "a", true), ([:], [], false), (["a": 1], ["a": 1.0], true),
            (true, true, true),
        ] as [(JSONValue, JSONValue, Bool)]) func equalityIsByValue(a: JSONValue, b: JSONValue, isEqual: Bool)
    {
        #expect((a == b) == isEqual)
        #expect((b == a) == isEqual)
        if isEqual { #expect(a.hashValue == b.hashValue) }
    }

    @Test func accessorsGiveTheKindOrNil() throws {
        let value: JSONValue = ["i": 5, "d": 5.0, "h": 0.5, "s": "x", "b": true, "a": [1, 2], "o": ["k": "v"], "n": nil]
        #expect(value["i"]?.intValue == 5)
        #expect(value["d"]?.intValue == 5)
        #expect(value["h"]?.intValue == nil)
        #expect(value["h"]?.doubleValue == 0.5)
        #expect(value["i"]?.doubleValue == 5)
        #expect(value["i"]?.decimalValue == JSONDecimal(5))
        #expect(value["h"]?.decimalValue == JSONDecimal("0.5"))
        #expect(value["s"]?.stringValue == "x")
        #expect(value["b"]?.boolValue == true)
        #expect(value["a"]?.arrayValue == [1, 2])
        #expect(value["a"]?[1] == 2)
        #expect(value["a"]?[2] == nil)
        #expect(value["a"]?[-1] == nil)
        #expect(value["o"]?["k"] == "v")
        #expect(value["n"]?.isNull == true)
        #expect(value["missing"] == nil)
        #expect(value["s"]?["k"] == nil)
        #expect(value["s"]?[0] == nil)
        #expect(value["s"]?.intValue == nil)
        #expect(value["s"]?.boolValue == nil)
        #expect(value["s"]?.decimalValue == nil)
        #expect(value["s"]?.doubleValue == nil)
        #expect(value["i"]?.stringValue == nil)
        #expect(value["i"]?.arrayValue == nil)
        #expect(value["i"]?.objectValue == nil)
    }

    @Test func literalsAndInterpolationMakeValues() {
        let name = "x"
        let value: JSONValue = ["t": "a \(name)", "l": [nil, true, 1, 1.5]]
        #expect(value.description == #"{"t":"a x","l":[null,true,1,1.5]}"#)
        #expect(JSONValue(7) == 7)
        #expect(JSONValue(0.25).serialized() == "0.25")
    }

    /// A decimal keeps its kind even when it has no fraction.
    @Test func decimalsStayDecimals() throws {
        let five = try #require(JSONDecimal(isNegative: false, coefficient: 5, exponent: 0))
        #expect(JSONValue.decimal(five).serialized() == "5.0")
        guard case .decimal = try JSONValue(parsing: "5.0"), case .decimal = try JSONValue(parsing: "5e0"),
            case .int = try JSONValue(parsing: "5")
        else {
            Issue.record("a number changed its kind")
            return
        }
    }

    @Test func writesIntoABufferBehindWhatIsThere() {
        var bytes: [UInt8] = [0x23]
        JSONValue.array([.int(.min), "\u{1}\u{1F}\u{8}"]).write(into: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == #"#[-9223372036854775808,"\u0001\u001f\b"]"#)
        #expect(JSONValue.string("a").serializedBytes() == [0x22, 0x61, 0x22])
    }
}
