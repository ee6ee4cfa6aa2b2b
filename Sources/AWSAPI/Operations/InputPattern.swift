/// A pattern constraint of the service model.
///
/// Nearly all of the model's patterns are one character class with a `+` or a `*`: those are compiled to a table, so that no
/// regular-expression engine runs over a caller's input. Others bring a function.
package struct InputPattern: Sendable {
    /// The pattern as the model has it: it stands in error messages.
    package let text: String
    private let accepts: @Sendable (String) -> Bool

    package init(_ text: String, accepts: @escaping @Sendable (String) -> Bool) {
        self.text = text
        self.accepts = accepts
    }

    /// A text of at least one of these ASCII characters.
    ///
    /// - Parameters:
    ///   - ranges: two characters each: the first and the last of a range.
    ///   - others: single characters.
    package init(_ text: String, ranges: [String], others: String, allowsEmpty: Bool = false) {
        var table = AsciiSet()
        for range in ranges.map({ Array($0.utf8) }) where range.count == 2 {
            for character in range[0]...range[1] { table.insert(character) }
        }
        for character in others.utf8 { table.insert(character) }
        self.init(text) { [table] in (allowsEmpty || !$0.isEmpty) && $0.utf8.allSatisfy(table.contains) }
    }

    /// Whether the whole of `value` matches.
    package func matches(_ value: String) -> Bool {
        self.accepts(value)
    }
}

extension InputPattern {
    private static let alphanumeric = ["az", "AZ", "09"]

    package static let thingName = InputPattern("[a-zA-Z0-9:_-]+", ranges: alphanumeric, others: ":_-")
    package static let attributeName = InputPattern("[a-zA-Z0-9_.,@/:#-]+", ranges: alphanumeric, others: "_.,@/:#-")
    package static let attributeValue = InputPattern(
        "[a-zA-Z0-9_.,@/:#=\\[\\]-]*", ranges: alphanumeric, others: "_.,@/:#=[]-", allowsEmpty: true)
    package static let policyName = InputPattern("[\\w+=,.@-]+", ranges: alphanumeric, others: "_+=,.@-")
    package static let policyVersionID = InputPattern("[0-9]+", ranges: ["09"], others: "")
    package static let ruleName = InputPattern("^[a-zA-Z0-9_]+$", ranges: alphanumeric, others: "_")
    package static let roleAlias = InputPattern("[\\w=,@-]+", ranges: alphanumeric, others: "_=,@-")
    package static let templateName = InputPattern("^[0-9A-Za-z_-]+$", ranges: alphanumeric, others: "_-")
    package static let jobID = InputPattern("[a-zA-Z0-9_-]+", ranges: alphanumeric, others: "_-")
    package static let shadowName = InputPattern("[$a-zA-Z0-9:_-]+", ranges: alphanumeric, others: "$:_-")
    package static let accountID = InputPattern("[0-9]+", ranges: ["09"], others: "")
    package static let certificateID = InputPattern("(0x)?[a-fA-F0-9]+") { value in
        let digits = value.utf8.starts(with: "0x".utf8) ? value.utf8.dropFirst(2) : value.utf8[...]
        return !digits.isEmpty && digits.allSatisfy(AsciiSet.hexDigits.contains)
    }
    /// Of the data plane: anything that does not begin with a dollar sign.
    package static let clientID = InputPattern("^[^$].*") { !$0.isEmpty && !$0.utf8.starts(with: "$".utf8) && !$0.contains("\n") }
}

/// A set of ASCII characters in two machine words.
struct AsciiSet: Sendable {
    static let hexDigits = AsciiSet("0123456789abcdefABCDEF")

    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    init(_ characters: String) {
        for character in characters.utf8 { self.insert(character) }
    }

    mutating func insert(_ character: UInt8) {
        if character < 64 {
            self.low |= 1 << UInt64(character)
        } else if character < 128 {
            self.high |= 1 << UInt64(character - 64)
        }
    }

    func contains(_ character: UInt8) -> Bool {
        switch character {
        case ..<64: self.low & (1 << UInt64(character)) != 0
        case ..<128: self.high & (1 << UInt64(character - 64)) != 0
        default: false
        }
    }
}
