/// A set of Unicode scalars: a character class, or one character.
struct ScalarSet: Sendable {
    indirect enum Definition: Sendable {
        case range(ClosedRange<UInt32>)
        case categories([Unicode.GeneralCategory])
        /// `\p{IsAlphabetic}` and its like.
        case property(Property)
        case union([Definition])
        case intersection([Definition])
        case inverted(Definition)
    }

    enum Property: String, Sendable, CaseIterable {
        case alphabetic, lowercase, uppercase, whitespace, ideographic
    }

    enum CaseRule: Sendable {
        case exact
        /// Java's `i` alone.
        case ignoresASCII
        /// `i` and `u`.
        case ignoresAll
    }

    /// Membership of the scalars below 128, worked out in advance.
    private let ascii: (low: UInt64, high: UInt64)
    private let definition: Definition
    private let caseRule: CaseRule

    init(_ definition: Definition, _ caseRule: CaseRule = .exact) {
        self.definition = definition
        self.caseRule = caseRule
        var words: [UInt64] = [0, 0]
        for scalar in 0..<UInt32(128) where Self.contains(scalar, definition, caseRule) {
            words[Int(scalar / 64)] |= 1 << UInt64(scalar % 64)
        }
        self.ascii = (words[0], words[1])
    }

    @inline(__always)
    func contains(_ scalar: UInt32) -> Bool {
        if scalar < 64 { return self.ascii.low >> UInt64(scalar) & 1 != 0 }
        if scalar < 128 { return self.ascii.high >> UInt64(scalar - 64) & 1 != 0 }
        return Self.contains(scalar, self.definition, self.caseRule)
    }

    private static func contains(_ scalar: UInt32, _ definition: Definition, _ caseRule: CaseRule) -> Bool {
        if definition.contains(scalar) { return true }
        switch caseRule {
        case .exact: return false
        case .ignoresASCII:
            let letter = (scalar | 0x20) &- 0x61
            return letter < 26 && definition.contains(scalar ^ 0x20)
        case .ignoresAll: return Self.otherCases(of: scalar).contains(where: definition.contains)
        }
    }

    /// Other scalars that are the same letter in another case.
    static func otherCases(of value: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(value) else { return [] }
        return [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping].compactMap { text in
            guard let first = text.unicodeScalars.first, text.unicodeScalars.count == 1, first != scalar else { return nil }
            return first.value
        }
    }
}

extension ScalarSet.Definition {
    static func scalar(_ value: UInt32) -> Self { .range(value...value) }

    /// Recurses as deep as classes nest (`RegexLimits.maxNesting`).
    func contains(_ scalar: UInt32) -> Bool {
        switch self {
        case .range(let range): range.contains(scalar)
        case .categories(let categories): Unicode.Scalar(scalar).map { categories.contains($0.properties.generalCategory) } ?? false
        case .property(let property): Unicode.Scalar(scalar).map { property.holds($0.properties) } ?? false
        case .union(let parts): parts.contains { $0.contains(scalar) }
        case .intersection(let parts): parts.allSatisfy { $0.contains(scalar) }
        case .inverted(let part): !part.contains(scalar)
        }
    }
}

extension ScalarSet.Property {
    fileprivate func holds(_ properties: Unicode.Scalar.Properties) -> Bool {
        switch self {
        case .alphabetic: properties.isAlphabetic
        case .lowercase: properties.isLowercase
        case .uppercase: properties.isUppercase
        case .whitespace: properties.isWhitespace
        case .ideographic: properties.isIdeographic
        }
    }
}
