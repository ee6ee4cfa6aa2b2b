import JSON
import Testing

@testable import Rules

/// Taking members out of the text and out of the parsed payload is the same, or the scanner says that it cannot.
@Suite struct PayloadScannerTests {
    private static let dialect = SQLDialect(version: .v2016, options: .default)
    private static let names = ["a", "b", "ü", ""].map { Array($0.utf8) }

    static let scanned = [
        "{}", " { } ", #"{"a":1}"#, #"{"a":1,"b":[1,{"x":[]},"y"],"c":{"d":{}}}"#, #"{"x":"\"\\\/\n","a":"éé"}"#, #"{"a":1,"a":2}"#,
        #"{"ü":true,"":null}"#, "\t{\r\n\"a\" : -0.50 , \"b\":10.0}\n", #"{"x":[[],{},[[{"a":1}]]],"a":[1.0]}"#,
        #"{"n":-1,"m":0,"o":0.5,"a":"x"}"#,
        #"{"long key with more than eight bytes":"and a long value, too","b":false}"#,
    ]

    static let handedOver = [
        "", "{", "[]", "5", "{]", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1}x"#, #"{"a":01}"#, #"{"x":1.}"#, #"{"x":-}"#, #"{"x":tru}"#,
        #"{"x":nul"#,
        #"{"x":"\u0041"}"#, #"{"\u0061":1}"#, #"{"x":1e5}"#, #"{"x":"\q"}"#, "{\"x\":\"\u{1}\"}", #"{"x":[1 2]}"#, #"{"x":[1,]}"#,
        #"{"x":{"y"}}"#, #"{a:1}"#,
        #"{"x":]}"#, #"{"x":[}"#, #"{"x":"open}"#, #"{"x":+1}"#, #"{"x":.5}"#,
        "{\"x\":" + String(repeating: "[", count: 70) + String(repeating: "]", count: 70) + "}",
    ]

    @Test(arguments: scanned) func findsWhatTheParserFinds(_ text: String) throws {
        let values = try #require(self.scan(Array(text.utf8)))
        let json = try JSONValue(parsing: text)
        let expected = ["a", "b", "ü", ""].map { json[$0].map { SQLValue(Self.dialect.canonical($0)) } ?? .undefined }
        #expect(values == expected)
    }

    @Test(arguments: handedOver) func leavesTheRestToTheParser(_ text: String) { #expect(self.scan(Array(text.utf8)) == nil) }

    /// Whatever is cut or changed: when the scanner takes it, so does the parser.
    @Test func isAsStrictAsTheParser() {
        for text in Self.scanned + Self.handedOver {
            for index in text.utf8.indices.enumerated().map(\.offset) {
                for byte: UInt8 in [0x22, 0x5C, 0x7B, 0x7D, 0x5D, 0x2C, 0x30, 0xFF, 0xC3, 0x00, 0x20] {
                    var bytes = Array(text.utf8)
                    bytes[index] = byte
                    for candidate in [bytes, Array(bytes[..<index])] where self.scan(candidate) != nil {
                        #expect((try? JSONValue(parsing: candidate)) != nil, "\(String(decoding: candidate, as: UTF8.self))")
                    }
                }
            }
        }
    }

    private func scan(_ bytes: [UInt8]) -> [SQLValue]? {
        bytes.withUnsafeBytes { PayloadScanner.values(of: Self.names, in: $0, Self.dialect) }
    }
}
