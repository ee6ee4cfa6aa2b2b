/// One word of one value of a field, as the search index has it.
///
/// A hit in the index is a candidate only: words are cut, so what counts is the document.
struct IndexTerm: Sendable, Hashable {
    /// Bytes of a word that are kept.
    static let maxWordBytes = 128

    /// In lower case, at most ``maxWordBytes``.
    let word: String
    /// What the whole value says as a number, when it says one.
    let number: Double?

    /// The words of a text: what white space separates, each once (AWS IoT Developer Guide, fleet indexing queries).
    static func terms(of text: String) -> Set<IndexTerm> {
        let number = Self.number(text)
        guard text.unicodeScalars.contains(where: \.properties.isWhitespace) else {
            return text.isEmpty ? [] : [IndexTerm(word: Self.word(text[...]), number: number)]
        }
        let words = text.split { $0.unicodeScalars.allSatisfy(\.properties.isWhitespace) }
        return Set(words.map { IndexTerm(word: Self.word($0), number: number) })
    }

    /// A word as the index has it.
    static func word(_ text: Substring) -> String {
        let lower = text.lowercased()
        guard lower.utf8.count > Self.maxWordBytes else { return lower }
        var end = lower.utf8.index(lower.startIndex, offsetBy: Self.maxWordBytes)
        while String.Index(end, within: lower.unicodeScalars) == nil { end = lower.utf8.index(before: end) }
        return String(lower[..<end])
    }

    /// A decimal number, with or without a fraction and an exponent: neither `inf` nor hexadecimal digits count.
    static func number(_ text: String) -> Double? {
        guard let first = text.utf8.first, first == 0x2D || first == 0x2B || first == 0x2E || (0x30...0x39).contains(first) else {
            return nil
        }
        let isDecimal = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
            default: false
            }
        }
        guard isDecimal, let number = Double(text), number.isFinite else { return nil }
        return number
    }
}

extension IndexTerm {
    /// The words that begin with a text; more than those when it is longer than words are kept.
    static func range(prefix: String) -> Range<String> {
        let lower = Self.word(prefix[...])
        // No text has a scalar after this one, so it comes after all that begin with the prefix.
        return lower..<(lower + "\u{10FFFF}")
    }
}
