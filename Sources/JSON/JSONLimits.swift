/// What a text may be for `JSONValue(parsing:)` to read it. Past a limit parsing throws; nothing is cut off.
package struct JSONLimits: Sendable, Hashable {
    /// What happens to an object that has a key twice (RFC 8259 §4 leaves it open).
    package enum DuplicateKeys: Sendable, Hashable {
        case reject
        /// The last value stands in the place of the first.
        case lastWins
    }

    /// No limit on nesting goes past this, whatever was asked for: parsing and releasing a value recurse once per level.
    package static let deepestNesting = 512

    /// Length of the whole text, bytes.
    package var maxBytes: Int
    /// Arrays and objects open at one time; `[]` has depth 1. At most `deepestNesting` counts.
    package var maxDepth: Int {
        didSet { self.maxDepth = min(self.maxDepth, Self.deepestNesting) }
    }
    /// Members in one object.
    package var maxKeys: Int
    package var duplicateKeys: DuplicateKeys

    package init(maxBytes: Int = 1 << 20, maxDepth: Int = 64, maxKeys: Int = 65_536, duplicateKeys: DuplicateKeys = .lastWins) {
        self.maxBytes = maxBytes
        self.maxDepth = min(maxDepth, Self.deepestNesting)
        self.maxKeys = maxKeys
        self.duplicateKeys = duplicateKeys
    }

    /// 1 MiB, 64 levels, 65,536 keys an object, the last of a duplicate key wins.
    package static let `default` = JSONLimits()
}
