/// Compares a text with a pattern in which `*` stands for any run of characters and `?` for one (a Unicode scalar).
///
/// What stands before the first `*` must start the text and what stands behind the last must end it. Each piece in between may
/// take the first place where it fits, since a later place leaves less of the text for the rest; so nothing is ever tried again.
/// A piece without `?` is found in time linear to the text. One with `?` costs at most the text's length times its own, which
/// the size of a policy bounds (2,048 characters).
enum WildcardMatcher {
    /// Marks in an encoded pattern. UTF-8 never contains these bytes, so every character can also stand for itself.
    static let anyRun: UInt8 = 0xFF
    static let anyOne: UInt8 = 0xFE

    typealias Bytes = UnsafeBufferPointer<UInt8>

    static func encode(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "*"): Self.anyRun
        case UInt8(ascii: "?"): Self.anyOne
        default: byte
        }
    }

    static func encode(_ text: String) -> [UInt8] { text.utf8.map { Self.encode($0) } }

    /// `pattern` is encoded; `text` is well-formed UTF-8.
    static func matches(_ pattern: Bytes, _ text: Bytes) -> Bool {
        var head = 0
        var start = 0
        while head < pattern.count && pattern[head] != Self.anyRun {
            guard Self.step(pattern[head], text, &start, end: text.count) else { return false }
            head += 1
        }
        if head == pattern.count { return start == text.count }
        var tail = pattern.count
        var end = text.count
        while pattern[tail - 1] != Self.anyRun {
            guard Self.stepBack(pattern[tail - 1], text, &end, start: start) else { return false }
            tail -= 1
        }
        return Self.matchesPieces(pattern, head..<tail, text, start..<end)
    }

    /// The part of the pattern from its first `*` to its last.
    private static func matchesPieces(_ pattern: Bytes, _ part: Range<Int>, _ text: Bytes, _ rest: Range<Int>) -> Bool {
        var position = part.lowerBound
        var start = rest.lowerBound
        while true {
            while position < part.upperBound && pattern[position] == Self.anyRun { position += 1 }
            if position == part.upperBound { return true }
            let pieceStart = position
            var hasAnyOne = false
            while pattern[position] != Self.anyRun {
                if pattern[position] == Self.anyOne { hasAnyOne = true }
                position += 1
            }
            let piece = Bytes(rebasing: pattern[pieceStart..<position])
            let space = Bytes(rebasing: text[start..<rest.upperBound])
            guard let length = hasAnyOne ? Self.findEndWithAnyOne(of: piece, in: space) : Self.findEnd(of: piece, in: space) else {
                return false
            }
            start += length
        }
    }

    /// Where the first occurrence of `piece` ends: Knuth, Morris and Pratt, so that a repetitive topic costs no more than another.
    private static func findEnd(of piece: Bytes, in text: Bytes) -> Int? {
        guard piece.count <= text.count else { return nil }
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: piece.count) { borders in
            Self.fillBorders(of: piece, into: borders)
            var matched = 0
            for (position, byte) in text.enumerated() {
                while matched > 0 && piece[matched] != byte { matched = Int(borders[matched - 1]) }
                if piece[matched] == byte { matched += 1 }
                if matched == piece.count { return position + 1 }
            }
            return nil
        }
    }

    /// For each prefix of the piece the length of the longest proper prefix that is also its suffix.
    private static func fillBorders(of piece: Bytes, into borders: UnsafeMutableBufferPointer<Int32>) {
        var length = 0
        borders.initializeElement(at: 0, to: 0)
        for index in piece.indices.dropFirst() {
            while length > 0 && piece[length] != piece[index] { length = Int(borders[length - 1]) }
            if piece[length] == piece[index] { length += 1 }
            borders.initializeElement(at: index, to: Int32(truncatingIfNeeded: length))
        }
    }

    private static func findEndWithAnyOne(of piece: Bytes, in text: Bytes) -> Int? {
        var start = 0
        // Each element of the piece takes a byte at least.
        while start + piece.count <= text.count {
            var position = start
            if text[start] & 0xC0 != 0x80, piece.allSatisfy({ Self.step($0, text, &position, end: text.count) }) { return position }
            start += 1
        }
        return nil
    }

    @inline(__always)
    private static func step(_ element: UInt8, _ text: Bytes, _ position: inout Int, end: Int) -> Bool {
        guard position < end else { return false }
        if element != Self.anyOne {
            guard text[position] == element else { return false }
            position += 1
        } else {
            position += 1
            while position < end && text[position] & 0xC0 == 0x80 { position += 1 }
        }
        return true
    }

    @inline(__always)
    private static func stepBack(_ element: UInt8, _ text: Bytes, _ position: inout Int, start: Int) -> Bool {
        guard position > start else { return false }
        position -= 1
        if element != Self.anyOne { return text[position] == element }
        while position > start && text[position] & 0xC0 == 0x80 { position -= 1 }
        return true
    }
}
