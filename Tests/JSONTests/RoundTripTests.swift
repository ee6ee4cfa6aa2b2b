import JSON
import Testing

/// What comes back when a text is read and written again.
@Suite struct RoundTripTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-1", "999999999999999999", "1000000000000000000", "-9999999999999999999", "9223372036854775807",
        "-9223372036854775808", "9223372036854775808", "1.0", "1.50", "-0.0",
        "0.000001", "1e40", "1.5e-9", "1e-6176", "9.999999999999999999999999999999999e6144", "\"\"", "\"a\"", "[]", "{}", "[1,2,[3]]",
        #"{"z":1,"a":{"b":[true,null,"x"]},"m":-1.25}"#, #""\"\\\b\f\n\r\t\u0000\u001f""#, "\"\u{7F}é€😀\u{301}/\"",
        "0.1234567890123456789012345678901234", "1234567890123456789012345678901234", "12345678901234567890.5",
    ]) func comesBackAsItWas(text: String) throws {
        #expect(try JSONValue(parsing: text).serialized() == text)
    }

    @Test(arguments: [
        (" [ 1 , 2 ] ", "[1,2]"), ("\t{\r\n\"a\" : 1}\n", #"{"a":1}"#), ("-0", "0"), ("1E3", "1e3"), ("1e+3", "1e3"), ("15e2", "1.5e3"),
        ("1e0", "1.0"),
        ("0e5", "0e5"), ("1e6144", "1.000000000000000000000000000000000e6144"), ("0e99999999999", "0e6111"), ("0.0000001", "1e-7"),
        (#""\/""#, #""/""#), (#""\u0041\u00e9\ud83d\ude00""#, "\"Aé😀\""),
        (#""\u000A""#, #""\n""#), (#"{"a":1,"b":2,"a":3}"#, #"{"a":3,"b":2}"#),
        ("12345678901234567890123456789012345", "1.234567890123456789012345678901234e34"),
        ("12345678901234567890123456789012335", "1.234567890123456789012345678901234e34"),
        ("123456789012345678901234567890123451", "1.234567890123456789012345678901235e35"),
        ("99999999999999999999999999999999999", "1.000000000000000000000000000000000e35"),
        ("0." + String(repeating: "0", count: 40) + "5", "5e-41"),
        ("1" + String(repeating: "0", count: 40), "1.000000000000000000000000000000000e40"),
    ]) func comesBackInNormalForm(text: String, expected: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value.serialized() == expected)
        #expect(try JSONValue(parsing: expected) == value)
    }

    @Test func prettyPrintedTextIsForPeopleAndReadsBack() throws {
        let value: JSONValue = ["a": [1, [:], []], "b": ["c": "d"]]
        let text = """
            {
              "a": [
                1,
                {},
                []
              ],
              "b": {
                "c": "d"
              }
            }
            """
        #expect(value.prettyPrinted() == text)
        #expect(try JSONValue(parsing: text) == value)
    }
}
