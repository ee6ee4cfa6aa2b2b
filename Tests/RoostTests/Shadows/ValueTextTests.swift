import JSON
import Testing

@testable import roost

@Suite("Values on a line")
struct ValueTextTests {
    @Test(
        "are compact JSON with their digits",
        arguments: ["1.50", "-0.0", "12345678901234567890", "\"é\"", "[1,{\"a\":null}]", "true", "{}"])
    func short(text: String) throws {
        #expect(ValueText.short(try JSONValue(parsing: text)) == text)
    }

    @Test("are cut where they are long, and say how much there is")
    func cut() {
        let numbers = JSONValue.array((0..<100).map { .int($0) })
        #expect(ValueText.short(numbers) == "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,… (100 elements)")
        let text = ValueText.short(.string(String(repeating: "x", count: 500)))
        #expect(text.count == ValueText.maxCharacters + "… (500 characters)".count)
    }

    @Test("that differ late are shown from there")
    func pair() {
        let start = String(repeating: "x", count: 300)
        let (old, new) = ValueText.pair(.string(start + "a"), .string(start + "b"))
        #expect(old == "…xxxxxxxxxxxxa\" (301 characters)")
        #expect(new == "…xxxxxxxxxxxxb\" (301 characters)")
        #expect(ValueText.pair(.int(1), .string("1")) == ("1", "\"1\""))
        // One is the beginning of the other.
        let longer = ValueText.pair(.string(start), .string(start + "y"))
        #expect(longer.old == "…xxxxxxxxxxxx\" (300 characters)")
        #expect(longer.new == "…xxxxxxxxxxxxy\" (301 characters)")
    }

    @Test("have nothing that a terminal obeys")
    func harmless() {
        let text = ValueText.short(.string("\u{1B}[31m \u{9B}31m \u{7F} \u{202E} ok"))
        #expect(text == #""\u001b[31m \u009b31m \u007f \u202e ok""#)
        #expect((try? JSONValue(parsing: text)) == .string("\u{1B}[31m \u{9B}31m \u{7F} \u{202E} ok"))
    }
}
