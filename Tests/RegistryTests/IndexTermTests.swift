import Testing

@testable import Registry

@Suite("Words of the search index")
struct IndexTermTests {
    @Test("values are split at white space and put in lower case")
    func words() {
        #expect(Set(IndexTerm.terms(of: " Living  ROOM\tÄrger ").map(\.word)) == ["living", "room", "ärger"])
        #expect(IndexTerm.terms(of: "").isEmpty)
        #expect(IndexTerm.terms(of: " ").isEmpty)
        #expect(IndexTerm.terms(of: "a a A").count == 1)
    }

    @Test("long words are cut between scalars")
    func long() {
        let word = IndexTerm.word(String(repeating: "é", count: 100)[...])
        #expect(word == String(repeating: "é", count: 64))
        #expect(IndexTerm.word(("x" + String(repeating: "é", count: 100))[...]).utf8.count == 127)
    }

    @Test(
        "numbers are decimal",
        arguments: [
            ("5", 5.0), ("-2.5", -2.5), ("+1e3", 1000), (".5", 0.5), ("0", 0), ("inf", nil), ("nan", nil), ("0x10", nil), ("1e999", nil),
            ("1 2", nil), ("", nil), ("-", nil), ("12-3", nil), ("e5", nil),
        ] as [(String, Double?)])
    func numbers(text: String, number: Double?) {
        #expect(IndexTerm.number(text) == number)
    }

    @Test("a prefix's range has the words that begin with it")
    func prefix() {
        let range = IndexTerm.range(prefix: "Ab")
        for word in ["ab", "abc", "abzzz", "ab\u{10FFFE}"] { #expect(range.contains(word)) }
        for word in ["aa", "ac", "b", "a"] { #expect(!range.contains(word)) }
    }
}
