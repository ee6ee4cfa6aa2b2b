import JSON
import Testing

@Suite struct WriterTests {
    /// The writer looks at eight bytes at a time: what it must escape is found wherever it lies in them.
    @Test(arguments: ["\"", "\\", "\n", "\u{0}", "\u{1F}"]) func escapesAreFoundAnywhere(special: String) throws {
        for length in 0..<40 {
            for place in 0...length {
                let text = String(repeating: "a", count: place) + special + String(repeating: "é", count: length - place)
                let written = JSONValue.string(text).serialized()
                #expect(!written.dropFirst().dropLast().contains { $0 == "\n" || $0 == "\u{0}" || $0 == "\u{1F}" })
                #expect(try JSONValue(parsing: written) == .string(text))
            }
        }
    }

    @Test func whatNeedsNoEscapeIsWrittenAsItIs() {
        for text in ["", "/", "\u{7F}", "\u{20}!#[]", "😀", String(repeating: "x", count: 5000)] {
            #expect(JSONValue.string(text).serialized() == "\"\(text)\"")
        }
    }

    @Test func textsOfAnyLengthAreWhole() throws {
        for count in [0, 1, 100, 511, 512, 513, 1023, 1024, 1025, 20_000] {
            let value = JSONValue.array((0..<count).map { .int(Int64($0)) })
            let expected = "[" + (0..<count).map(String.init).joined(separator: ",") + "]"
            #expect(value.serialized() == expected)
            #expect(value.serializedBytes() == Array(expected.utf8))
            var output = Array("before".utf8)
            value.write(into: &output)
            #expect(output == Array(("before" + expected).utf8))
        }
    }
}
