/// The words of an expression.
enum ExpressionToken: Sendable, Hashable {
    /// A name or a keyword.
    case word(String)
    /// `#name`, with its sign.
    case namePlaceholder(String)
    /// `:value`, with its sign.
    case valuePlaceholder(String)
    case number(Int)
    /// `=`, `<>`, `<`, `<=`, `>`, `>=`, `(`, `)`, `,`, `.`, `[`, `]`, `+`, `-`.
    case sign(String)

    var text: String {
        switch self {
        case .word(let text), .namePlaceholder(let text), .valuePlaceholder(let text), .sign(let text): text
        case .number(let number): String(number)
        }
    }

    /// - Parameter kind: the parameter's name, for messages.
    static func all(of text: String, kind: String) throws -> [ExpressionToken] {
        guard !text.isEmpty else { throw DynamoDBError.validation("Invalid \(kind): The expression can not be empty;") }
        guard text.utf8.count <= DynamoDBLimits.maxExpressionBytes else {
            throw DynamoDBError.validation(
                "Invalid \(kind): Expression size has exceeded the maximum allowed size; expression size: \(text.utf8.count)")
        }
        var tokens: [ExpressionToken] = []
        var rest = text.unicodeScalars[...]
        while let first = rest.first {
            if first.properties.isWhitespace {
                rest.removeFirst()
            } else if first == "#" || first == ":" {
                let name = rest.dropFirst().prefix(while: Self.isNameScalar)
                guard !name.isEmpty else { throw Self.syntax(kind, String(first)) }
                let whole = String(String.UnicodeScalarView(rest.prefix(name.count + 1)))
                tokens.append(first == "#" ? .namePlaceholder(whole) : .valuePlaceholder(whole))
                rest = rest.dropFirst(name.count + 1)
            } else if Self.isDigit(first) {
                let digits = rest.prefix(while: Self.isDigit)
                guard let number = Int(String(String.UnicodeScalarView(digits))) else { throw Self.syntax(kind, "number") }
                tokens.append(.number(number))
                rest = rest.dropFirst(digits.count)
            } else if Self.isNameScalar(first) {
                let word = rest.prefix(while: Self.isNameScalar)
                tokens.append(.word(String(String.UnicodeScalarView(word))))
                rest = rest.dropFirst(word.count)
            } else {
                let pair = String(String.UnicodeScalarView(rest.prefix(2)))
                let sign = ["<>", "<=", ">="].contains(pair) ? pair : String(first)
                guard Self.signs.contains(sign) else { throw Self.syntax(kind, sign) }
                tokens.append(.sign(sign))
                rest = rest.dropFirst(sign.unicodeScalars.count)
            }
        }
        guard !tokens.isEmpty else { throw DynamoDBError.validation("Invalid \(kind): The expression can not be empty;") }
        return tokens
    }

    static func syntax(_ kind: String, _ token: String) -> any Error {
        DynamoDBError.validation("Invalid \(kind): Syntax error; token: \"\(token)\"")
    }

    private static let signs: Set<String> = ["=", "<>", "<", "<=", ">", ">=", "(", ")", ",", ".", "[", "]", "+", "-"]

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

    private static func isNameScalar(_ scalar: Unicode.Scalar) -> Bool {
        Self.isDigit(scalar) || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
    }
}
