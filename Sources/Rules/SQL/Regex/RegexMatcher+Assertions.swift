extension RegexMatcher {
    /// How much the group matched before matches here again; nil when it does not.
    func lengthOfGroup(_ group: Int, at position: Int, ignoresCase: Bool) -> Int? {
        let start = self.slots[2 * group]
        let end = self.slots[2 * group + 1]
        guard start >= 0, end >= start, position + end - start <= self.text.count else { return nil }
        for offset in 0..<(end - start) {
            let a = self.text[start + offset]
            let b = self.text[position + offset]
            if a != b && !(ignoresCase && ScalarSet.otherCases(of: a).contains(b)) { return nil }
        }
        return end - start
    }

    func holds(_ assertion: RegexAssertion, at position: Int) -> Bool {
        switch assertion {
        case .textStart: position == 0
        case .textEnd: position == self.text.count
        case .searchStart: position == self.searchStart
        case .lastLineEnd: self.isLineEnd(position) && self.terminatorEnd(at: position) == self.text.count
        case .lineEnd: self.isLineEnd(position)
        // Behind a terminator, but not behind one that ends the text, and not between CR and LF.
        case .lineStart:
            position == 0 || (position < self.text.count && self.isTerminator(position - 1) && !self.isInsideCRLF(position))
        case .wordBoundary: self.isWord(position - 1) != self.isWord(position)
        case .noWordBoundary: self.isWord(position - 1) == self.isWord(position)
        }
    }

    private func isLineEnd(_ position: Int) -> Bool {
        position == self.text.count || (self.isTerminator(position) && !self.isInsideCRLF(position))
    }

    private func terminatorEnd(at position: Int) -> Int {
        if position == self.text.count { return position }
        return self.isInsideCRLF(position + 1) ? position + 2 : position + 1
    }

    private func isTerminator(_ position: Int) -> Bool {
        switch self.text[position] {
        case 0x0A, 0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private func isInsideCRLF(_ position: Int) -> Bool {
        position > 0 && position < self.text.count && self.text[position - 1] == 0x0D && self.text[position] == 0x0A
    }

    private func isWord(_ position: Int) -> Bool {
        guard self.text.indices.contains(position) else { return false }
        let scalar = self.text[position]
        if scalar < 128 { return (scalar | 0x20) &- 0x61 < 26 || scalar &- 0x30 < 10 || scalar == 0x5F }
        return Unicode.Scalar(scalar)?.properties.isAlphabetic ?? false
    }
}
