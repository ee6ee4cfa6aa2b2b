extension JavaTimeParser {
    /// The longest name that is here; letter case counts.
    mutating func name(_ names: [String], _ field: Field, from first: Int) -> Bool {
        var best: (index: Int, length: Int)?
        for (index, name) in names.enumerated() where self.text[self.position...].starts(with: name.utf8) {
            if name.utf8.count > best?.length ?? 0 { best = (index, name.utf8.count) }
        }
        guard let best else { return false }
        self.position += best.length
        return self.fields.set(field, best.index + first)
    }

    /// A region, an offset, `UTC` with or without an offset, or an abbreviation.
    mutating func zone() -> Bool {
        let run = self.text[self.position...].prefix(while: Self.isZoneByte).prefix(Self.longestZone)
        var length = run.count
        // What follows the zone may look like a part of it; a zone does not end in the middle of a word.
        while length > 0 {
            if length < run.count, Lexer.isWordStart(run[run.startIndex + length]) {
                length -= 1
                continue
            }
            let name = String(decoding: run.prefix(length), as: UTF8.self)
            let id = TimeZoneRules.regionsByAbbreviation[name] ?? name
            if let zone = TimeZoneRules(id: id) {
                self.position += length
                self.fields.zone = zone
                return true
            }
            length -= 1
        }
        return false
    }

    private static let longestZone = 48

    private static func isZoneByte(_ byte: UInt8) -> Bool {
        (byte < 0x80 && Lexer.isWordStart(byte)) || Lexer.isDigit(byte) || "/+-:".utf8.contains(byte)
    }

    /// `X` takes `Z` for zero, `x` and `Z` do not; the number of letters says whether there are minutes, seconds and colons.
    mutating func offset(_ letter: Character, _ count: Int) -> Bool {
        let isLocalized = letter == "O" || (letter == "Z" && count == 4)
        if isLocalized && !self.skip("GMT") { return false }
        if (letter == "X" || (letter == "Z" && count == 5)) && self.skip("Z") {
            self.fields.zone = .utc
            return true
        }
        let hasColons = isLocalized || (letter == "Z" ? count == 5 : count == 3 || count == 5)
        let isOffset: (UInt8) -> Bool = { Lexer.isDigit($0) || (hasColons && $0 == UInt8(ascii: ":")) }
        guard let sign = self.text[self.position...].first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") else {
            // "GMT" alone is zero.
            if isLocalized { self.fields.zone = .utc }
            return isLocalized
        }
        let run = self.text[(self.position + 1)...].prefix(while: isOffset).prefix(8)
        let lengths = Self.offsetLengths(letter, count, hasColons: hasColons)
        guard let length = lengths.first(where: { $0 <= run.count }) else { return false }
        let written = String(decoding: [sign] + run.prefix(length), as: UTF8.self)
        guard let seconds = TimeZoneRules.offset(written[...]) else { return false }
        self.position += 1 + length
        self.fields.zone = TimeZoneRules(offsetSeconds: seconds)
        return true
    }

    /// Bytes behind the sign, the longest first.
    private static func offsetLengths(_ letter: Character, _ count: Int, hasColons: Bool) -> [Int] {
        switch (letter, count) {
        case ("O", 1): [8, 5, 2, 1]
        case ("O", _): [8, 5]
        case ("Z", 4), ("Z", 5): [8, 5]
        case ("Z", _): [4]
        case (_, 1): [4, 2]
        case (_, 2): [4]
        case (_, 3): [5]
        case (_, 4): [6, 4]
        default: [8, 5]
        }
    }
}
