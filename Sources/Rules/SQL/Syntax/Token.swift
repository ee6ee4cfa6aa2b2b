import JSON

/// A piece of a statement, with the bytes that it was written in.
struct Token {
    enum Kind: Equatable {
        /// A name, a keyword or a function: the parser tells them apart by their place.
        case word(String)
        /// `@name`.
        case variable(String)
        case string(String)
        case number(JSONDecimal)
        case symbol(Symbol)
        /// Bytes that begin no token, with what could have stood there.
        case invalid(expected: String)
        case end
    }

    enum Symbol: String, CaseIterable {
        case comma = ","
        case dot = "."
        case star = "*"
        case plus = "+"
        case minus = "-"
        case slash = "/"
        case percent = "%"
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case open = "("
        case close = ")"
        case openBracket = "["
        case closeBracket = "]"
        case openBrace = "{"
        case closeBrace = "}"
        case colon = ":"
        case semicolon = ";"
    }

    let kind: Kind
    /// Offsets into the text.
    let range: Range<Int>

    func isWord(_ keyword: Keyword) -> Bool {
        guard case .word(let word) = self.kind else { return false }
        return Keyword(word) == keyword
    }
}

/// Words with a meaning of their own; letter case does not count.
enum Keyword: String, CaseIterable {
    case select, from, `where`, `as`, and, or, not, `in`, `case`, when, then, `else`, end
    case `true`, `false`, null, undefined
    /// These three are names, too, where no keyword can stand.
    case set, value, exists

    static let longest = 9

    init?(_ word: String) {
        guard word.utf8.count <= Self.longest else { return nil }
        self.init(rawValue: word.lowercased())
    }

    /// Never a field's name.
    var isReserved: Bool {
        switch self {
        case .set, .value, .exists: false
        default: true
        }
    }

    var text: String { self.rawValue.uppercased() }
}
