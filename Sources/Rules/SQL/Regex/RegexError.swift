/// Why a text is not a regular expression that this engine takes.
struct RegexError: Error, Hashable, CustomStringConvertible {
    let message: String
    /// In Unicode scalars, from 0.
    let offset: Int

    var description: String { "\(self.message) at character \(self.offset + 1) of the regular expression" }
}

/// How large a regular expression may be.
enum RegexLimits {
    static let maxPatternLength = 16 * 1024
    /// Groups, classes and quantifiers open at one time; parsing, compiling and assertions recurse once per level.
    static let maxNesting = 40
    /// Counted repetitions are written out, so that {1000} costs a thousand times its operand.
    static let maxInstructions = 20_000
    static let maxRepetitions = 1000
    /// Characters, ranges and classes in one bracket; a character that is not ASCII is compared with each.
    static let maxClassParts = 200
    /// Lengths of what a part can match are counted up to here, scalars.
    static let longestLength = 1 << 32
    /// Parts that the compiler visits; those of no instruction count, too.
    static let maxVisits = 100_000
    /// Alternatives that wait to be tried, 32 bytes each.
    static let maxWaiting = 500_000
    /// Bits to remember where an alternative failed (4 MiB).
    static let maxRememberedBits = 32 * 1024 * 1024
}
