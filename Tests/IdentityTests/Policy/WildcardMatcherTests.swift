import Testing

@testable import Identity

/// The matcher against the plainest definition there is, and its cost on patterns that make others backtrack.
@Suite struct WildcardMatcherTests {
    private func matches(_ pattern: String, _ text: String) -> Bool {
        WildcardMatcher.encode(pattern).withUnsafeBufferPointer { p in
            Array(text.utf8).withUnsafeBufferPointer { WildcardMatcher.matches(p, $0) }
        }
    }

    /// Row by row: whether the first i elements of the pattern match the first j scalars of the text.
    private func reference(_ pattern: String, _ text: String) -> Bool {
        let text = Array(text.unicodeScalars)
        var row = [true] + Array(repeating: false, count: text.count)
        for element in pattern.unicodeScalars {
            var next = Array(repeating: false, count: text.count + 1)
            next[0] = element == "*" && row[0]
            for j in text.indices {
                switch element {
                case "*": next[j + 1] = row[j + 1] || next[j]
                case "?": next[j + 1] = row[j]
                default: next[j + 1] = row[j] && text[j] == element
                }
            }
            row = next
        }
        return row[text.count]
    }

    @Test(arguments: 0..<40 as Range<UInt64>) func agreesWithTheDefinition(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let pattern = random.text(of: ["*", "?", "a", "b", "ä", "😀", "*", "?", "a"], upTo: 9)
            let text = random.text(of: ["a", "b", "ä", "😀", "*", "a"], upTo: 12)
            #expect(self.matches(pattern, text) == self.reference(pattern, text), "\(pattern) ~ \(text)")
        }
    }

    /// Pieces with repetition inside, where a search that slides wrongly misses an occurrence.
    @Test(arguments: 0..<20 as Range<UInt64>) func findsRepetitivePieces(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let piece = random.text(of: ["a", "b"], upTo: 7)
            let text = random.text(of: ["a", "a", "b"], upTo: 60)
            #expect(self.matches("*\(piece)*", text) == self.reference("*\(piece)*", text), "\(piece) in \(text)")
        }
    }

    /// Backtracking takes 2^30 steps and more for these; here the worst is the text's length times a piece's.
    @Test(.timeLimit(.minutes(1))) func neverBacktracks() {
        let text = String(repeating: "a", count: 65_535)
        #expect(!self.matches(String(repeating: "*a", count: 1000) + "b*", text))
        #expect(!self.matches(String(repeating: "*?a", count: 600) + "b*", text))
        #expect(!self.matches("*" + String(repeating: "a", count: 2000) + "b*", text))
        #expect(!self.matches("*?" + String(repeating: "a", count: 2000) + "b*", String(repeating: "a", count: 5000)))
        #expect(self.matches(String(repeating: "*a", count: 1000) + "*", text))
    }

    private struct SeededGenerator {
        private var state: UInt64

        init(seed: UInt64) { self.state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

        private mutating func below(_ bound: Int) -> Int {
            // Knuth's MMIX constants; the high bits are the random ones.
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(self.state >> 33) % bound
        }

        mutating func text(of alphabet: [String], upTo count: Int) -> String {
            (0..<self.below(count + 1)).map { _ in alphabet[self.below(alphabet.count)] }.joined()
        }
    }
}
