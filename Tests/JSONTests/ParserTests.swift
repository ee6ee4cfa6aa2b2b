import JSON
import Testing

/// RFC 8259 by example: what is JSON, what is not, and what the message says about it.
@Suite struct ParserTests {
    @Test(
        arguments: [
            ("[]", "[]"), ("[[]   ]", "[[]]"), ("[\"\"]", "[\"\"]"), ("[null, 1, \"1\", {}]", "[null,1,\"1\",{}]"), ("[1\n]", "[1]"),
            (" [1]", "[1]"), ("[1,null,null,null,2]", "[1,null,null,null,2]"), ("[2] ", "[2]"), ("[123e65]", "[1.23e67]"),
            ("[0e+1]", "[0e1]"),
            ("[0e1]", "[0e1]"), ("[ 4]", "[4]"), ("[-0.000000000000000000000000000000000000000000000000000000000001]", "[-1e-60]"),
            ("[20e1]", "[2.0e2]"), ("[-123]", "[-123]"), ("[-1]", "[-1]"), ("[-0]", "[0]"), ("[1E22]", "[1e22]"), ("[1E-2]", "[0.01]"),
            ("[123e45]", "[1.23e47]"), ("[123.456e78]", "[1.23456e80]"), ("[1e-2]", "[0.01]"), ("[1e+2]", "[1e2]"),
            ("[123.456789]", "[123.456789]"),
            (#"{"asd":"sdf", "dfg":"fgh"}"#, #"{"asd":"sdf","dfg":"fgh"}"#), (#"{"a":"b","a":"b"}"#, #"{"a":"b"}"#),
            (#"{"":0}"#, #"{"":0}"#),
            (#"{"foo\u0000bar": 42}"#, #"{"foo\u0000bar":42}"#), ("{\n\"a\": \"b\"\n}", #"{"a":"b"}"#),
            (#"["\u0060\u012a\u12AB"]"#, "[\"`\u{12A}\u{12AB}\"]"),
            (#"["\uD801\udc37"]"#, "[\"\u{10437}\"]"), (#"["\"\\\/\b\f\n\r\t"]"#, #"["\"\\/\b\f\n\r\t"]"#),
            (#"["\\u0000"]"#, #"["\\u0000"]"#),
            (#"["\uDBFF\uDFFF"]"#, "[\"\u{10FFFF}\"]"), (#"["new\u00A0line"]"#, "[\"new\u{A0}line\"]"),
            ("[\"\u{10FFFF}\"]", "[\"\u{10FFFF}\"]"),
            (#"["\u2028\uFEFF\uFFFD"]"#, "[\"\u{2028}\u{FEFF}\u{FFFD}\"]"), ("[\"a/*b*/c\"]", "[\"a/*b*/c\"]"),
            ("\"\u{7F}\"", "\"\u{7F}\""),
            ("false", "false"), ("42", "42"), ("\"asd\"", "\"asd\""), ("\t\r\n true\n", "true"), ("[true,false,null]", "[true,false,null]"),
            ("\"a long text without anything special in it\"", "\"a long text without anything special in it\""),
            ("\"12345678ä\"", "\"12345678ä\""), ("\"1234567\\n89\"", "\"1234567\\n89\""),
        ] as [(String, String)]) func reads(text: String, written: String) throws
    {
        #expect(try JSONValue(parsing: text).serialized() == written)
    }

    @Test(
        arguments: [
            ("", "the text ends inside a value at line 1, column 1"),
            (" ", "the text ends inside a value at line 1, column 2"),
            ("[", "the text ends inside a value at line 1, column 2"),
            ("{", "the text ends inside a value at line 1, column 2"),
            ("[1", "the text ends inside a value at line 1, column 3"),
            ("[1,", "the text ends inside a value at line 1, column 4"),
            ("{\"a\"", "the text ends inside a value at line 1, column 5"),
            ("{\"a\":", "the text ends inside a value at line 1, column 6"),
            ("\"abc", "the text ends inside a value at line 1, column 5"),
            ("\"abc\\", "the text ends inside a value at line 1, column 6"),
            ("\"\\u12", "the text ends inside a value at line 1, column 6"),
            ("tru", "the text ends inside a value at line 1, column 4"),
            ("-", "the text ends inside a value at line 1, column 2"),
            ("1.", "the text ends inside a value at line 1, column 3"),
            ("1e", "the text ends inside a value at line 1, column 3"),
            ("1e+", "the text ends inside a value at line 1, column 4"),
            ("[1,]", "unexpected ']', expected a value at line 1, column 4"),
            ("[,1]", "unexpected ',', expected a value at line 1, column 2"),
            ("[1 2]", "unexpected '2', expected ',' or ']' at line 1, column 4"),
            ("[1}", "unexpected '}', expected ',' or ']' at line 1, column 3"),
            ("{\"a\" 1}", "unexpected '1', expected ':' at line 1, column 6"),
            ("{a:1}", "unexpected 'a', expected a key in quotes at line 1, column 2"),
            ("{'a':1}", "unexpected ''', expected a key in quotes at line 1, column 2"),
            ("{\"a\":1,}", "unexpected '}', expected a key in quotes at line 1, column 8"),
            ("{\"a\":1 \"b\"}", "unexpected '\"', expected ',' or '}' at line 1, column 8"),
            ("{1:1}", "unexpected '1', expected a key in quotes at line 1, column 2"),
            ("[1]]", "more text after the value at line 1, column 4"),
            ("1 1", "more text after the value at line 1, column 3"),
            ("01", "more text after the value at line 1, column 2"),
            ("-01", "more text after the value at line 1, column 3"),
            ("0x1", "more text after the value at line 1, column 2"),
            ("1e1.5", "more text after the value at line 1, column 4"),
            ("+1", "unexpected '+', expected a value at line 1, column 1"),
            (".5", "unexpected '.', expected a value at line 1, column 1"),
            ("NaN", "unexpected 'N', expected a value at line 1, column 1"),
            ("Infinity", "unexpected 'I', expected a value at line 1, column 1"),
            ("-Infinity", "not a JSON number at line 1, column 2"),
            ("-a", "not a JSON number at line 1, column 2"),
            ("[1.]", "not a JSON number at line 1, column 4"),
            ("[1.e1]", "not a JSON number at line 1, column 4"),
            ("[1ea]", "not a JSON number at line 1, column 4"),
            ("[1e+-1]", "not a JSON number at line 1, column 5"),
            ("1e6145", "a number whose exponent is out of range at line 1, column 1"),
            ("[1e-6177]", "a number whose exponent is out of range at line 1, column 2"),
            ("1e99999999999999999999", "a number whose exponent is out of range at line 1, column 1"),
            ("True", "unexpected 'T', expected a value at line 1, column 1"),
            ("trux", "neither true, false nor null at line 1, column 1"),
            ("nul]", "neither true, false nor null at line 1, column 1"),
            ("\"a\nb\"", "a control character inside a string must be escaped at line 1, column 3"),
            ("\"12345678\u{1F}\"", "a control character inside a string must be escaped at line 1, column 10"),
            ("\"\u{0}\"", "a control character inside a string must be escaped at line 1, column 2"),
            ("\"\\x\"", "an unknown escape sequence at line 1, column 3"),
            ("\"\\'\"", "an unknown escape sequence at line 1, column 3"),
            ("\"\\u12G4\"", "an unknown escape sequence at line 1, column 6"),
            ("\"\\uD800\"", "an unpaired surrogate escape at line 1, column 2"),
            ("\"\\uD800x\"", "an unpaired surrogate escape at line 1, column 2"),
            ("\"\\uD800\\n\"", "an unpaired surrogate escape at line 1, column 2"),
            ("\"\\uD800\\u0041\"", "an unpaired surrogate escape at line 1, column 2"),
            ("\"\\uDC00\"", "an unpaired surrogate escape at line 1, column 2"),
            ("\"\\uD800\\uD800\"", "an unpaired surrogate escape at line 1, column 2"),
            ("\u{FEFF}1", "unexpected byte 0xef, expected a value at line 1, column 1"),
            ("\u{A0}1", "unexpected byte 0xc2, expected a value at line 1, column 1"),
            ("1//x", "more text after the value at line 1, column 2"),
            ("/**/1", "unexpected '/', expected a value at line 1, column 1"),
            ("\u{1}", "unexpected byte 0x01, expected a value at line 1, column 1"),
            ("[\n  1,\n  ä\n]", "unexpected byte 0xc3, expected a value at line 3, column 3"),
            ("[\"ä\",\n x]", "unexpected 'x', expected a value at line 2, column 2"),
            ("[\"äöü\", x]", "unexpected 'x', expected a value at line 1, column 9"),
        ] as [(String, String)]) func refuses(text: String, message: String) throws
    {
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error.description == message)
    }

    /// Bytes that are not UTF-8 (Unicode table 3-7), alone, between text and beside an escape.
    @Test(
        arguments: [
            [0x80], [0xFF], [0xFE], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98], [0xF8, 0x88, 0x80, 0x80, 0x80],
        ] as [[UInt8]]) func refusesWhatIsNotUTF8(bytes: [UInt8]) throws
    {
        for (before, after) in [("\"", "\""), ("\"äabcdefghij", "klmnopqrst\""), (#""ä\n"#, "\""), ("\"", #"\u0041""#)] {
            let text = [UInt8](before.utf8) + bytes + [UInt8](after.utf8)
            let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text) }
            #expect(error.reason == .invalidUTF8)
            #expect(error.offset == before.utf8.count)
        }
    }

    /// Halves of a sequence on both sides of an escape stay halves.
    @Test func doesNotJoinBytesAroundAnEscape() throws {
        let text: [UInt8] = [0x22, 0xC3, 0x5C, 0x6E, 0xA4, 0x22]
        let error = try #require(throws: JSONParseError.self) { try JSONValue(parsing: text) }
        #expect(error.reason == .invalidUTF8)
        #expect(error.offset == 1)
    }

    @Test func readsBytesOfAnyCollection() throws {
        let text = #"{"a":[1,2]}"#
        let expected: JSONValue = ["a": [1, 2]]
        #expect(try JSONValue(parsing: Array(text.utf8)) == expected)
        #expect(try JSONValue(parsing: text.utf8) == expected)
        #expect(try JSONValue(parsing: text.utf8.lazy.map { $0 }) == expected)
        #expect(try JSONValue(parsing: Array(text.utf8)[...]) == expected)
        #expect(try Array(text.utf8).withUnsafeBytes { bytes in try JSONValue(parsing: bytes) } == expected)
    }
}
