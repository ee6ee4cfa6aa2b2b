/// The classes that have names in Java's regular expressions.
extension ScalarSet.Definition {
    static let digit = Self.ascii("0"..."9")
    static let space = Self.union([.range(0x09...0x0D), .scalar(0x20)])
    static let word = Self.union([.ascii("a"..."z"), .ascii("A"..."Z"), .ascii("0"..."9"), .scalar(0x5F)])
    static let horizontalSpace = Self.union(
        [0x09, 0x20, 0xA0, 0x1680, 0x180E, 0x202F, 0x205F, 0x3000].map { .scalar($0) } + [.range(0x2000...0x200A)])
    static let verticalSpace = Self.union([.range(0x0A...0x0D), .scalar(0x85), .range(0x2028...0x2029)])
    /// What `.` does not match without `s`.
    static let lineTerminator = Self.union([.scalar(0x0A), .scalar(0x0D), .scalar(0x85), .range(0x2028...0x2029)])
    static let all = Self.range(0...0x10FFFF)

    private static func ascii(_ range: ClosedRange<Character>) -> Self {
        .range(UInt32(range.lowerBound.asciiValue ?? 0)...UInt32(range.upperBound.asciiValue ?? 0))
    }

    /// `\d` and its like; the capital letter is the complement.
    static func shorthand(_ letter: Unicode.Scalar) -> Self? {
        switch letter {
        case "d": .digit
        case "D": .inverted(.digit)
        case "s": .space
        case "S": .inverted(.space)
        case "w": .word
        case "W": .inverted(.word)
        case "h": .horizontalSpace
        case "H": .inverted(.horizontalSpace)
        case "v": .verticalSpace
        case "V": .inverted(.verticalSpace)
        default: nil
        }
    }

    /// What stands in `\p{…}`: POSIX classes of ASCII, general categories, and a few binary properties. Nil for scripts, blocks and others.
    static func named(_ name: String) -> Self? {
        if let posix = Self.posix(name) { return posix }
        if name.hasPrefix("Is") {
            let rest = String(name.dropFirst(2))
            if let category = Self.category(rest) { return category }
            let property = rest.lowercased().filter { $0 != "_" }
            return ScalarSet.Property(rawValue: property == "whitespace" ? "whitespace" : property).map { .property($0) }
        }
        for prefix in ["general_category=", "gc="] where name.hasPrefix(prefix) {
            return Self.category(String(name.dropFirst(prefix.count)))
        }
        return Self.category(name)
    }

    private static func posix(_ name: String) -> Self? {
        switch name {
        case "Lower": .ascii("a"..."z")
        case "Upper": .ascii("A"..."Z")
        case "ASCII": .range(0...0x7F)
        case "Alpha": .union([.ascii("a"..."z"), .ascii("A"..."Z")])
        case "Digit": .digit
        case "Alnum": .union([.ascii("a"..."z"), .ascii("A"..."Z"), .digit])
        case "Punct": .union([.range(0x21...0x2F), .range(0x3A...0x40), .range(0x5B...0x60), .range(0x7B...0x7E)])
        case "Graph": .range(0x21...0x7E)
        case "Print": .range(0x20...0x7E)
        case "Blank": .union([.scalar(0x20), .scalar(0x09)])
        case "Cntrl": .union([.range(0...0x1F), .scalar(0x7F)])
        case "XDigit": .union([.digit, .ascii("a"..."f"), .ascii("A"..."F")])
        case "Space": .space
        default: nil
        }
    }

    private static func category(_ name: String) -> Self? {
        if let one = Self.categories[name] { return .categories([one]) }
        guard name.count == 1 else { return name == "LC" ? .categories([.uppercaseLetter, .lowercaseLetter, .titlecaseLetter]) : nil }
        let all = Self.categories.filter { $0.key.hasPrefix(name) }.map(\.value)
        return all.isEmpty ? nil : .categories(all)
    }

    private static let categories: [String: Unicode.GeneralCategory] = [
        "Lu": .uppercaseLetter, "Ll": .lowercaseLetter, "Lt": .titlecaseLetter, "Lm": .modifierLetter, "Lo": .otherLetter,
        "Mn": .nonspacingMark, "Mc": .spacingMark, "Me": .enclosingMark,
        "Nd": .decimalNumber, "Nl": .letterNumber, "No": .otherNumber,
        "Pc": .connectorPunctuation, "Pd": .dashPunctuation, "Ps": .openPunctuation, "Pe": .closePunctuation,
        "Pi": .initialPunctuation, "Pf": .finalPunctuation, "Po": .otherPunctuation,
        "Sm": .mathSymbol, "Sc": .currencySymbol, "Sk": .modifierSymbol, "So": .otherSymbol,
        "Zs": .spaceSeparator, "Zl": .lineSeparator, "Zp": .paragraphSeparator,
        "Cc": .control, "Cf": .format, "Cs": .surrogate, "Co": .privateUse, "Cn": .unassigned,
    ]
}
