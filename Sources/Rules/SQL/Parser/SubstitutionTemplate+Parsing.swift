extension SubstitutionTemplate {
    /// The texts and expressions of a template. Expressions may refer to the variables of the statement, so that its needs are the
    /// template's, too.
    static func parse(
        _ text: [UInt8], in statement: SQLStatement, unescapesDollar: Bool
    ) throws(SQLError) -> ([Part], StatementNeeds) {
        guard text.count <= SQLLimits.maxStatementBytes else {
            throw SQLError("a template of at most \(SQLLimits.maxStatementBytes) bytes", found: "\(text.count) bytes", at: 0, in: [])
        }
        var needs = statement.needs.withoutCalls
        var parts: [Part] = []
        var literal: [UInt8] = []
        var position = unescapesDollar && text.starts(with: "$$".utf8) ? 1 : 0
        if position == 1 {
            // `$${…}` is a dollar and an expression no more than `$$` is one: the escaped dollar begins nothing.
            literal.append(UInt8(ascii: "$"))
            position = 2
        }
        while position < text.count {
            guard text[position] == UInt8(ascii: "$"), position + 1 < text.count, text[position + 1] == UInt8(ascii: "{") else {
                literal.append(text[position])
                position += 1
                continue
            }
            if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
            literal = []
            let (expression, end) = try self.expression(text, at: position + 2, in: statement, &needs)
            parts.append(.expression(expression))
            position = end
        }
        if !literal.isEmpty { parts.append(.text(String(decoding: literal, as: UTF8.self))) }
        return (parts, needs)
    }

    /// The expression behind an opening brace and the place behind the closing one.
    private static func expression(
        _ text: [UInt8], at start: Int, in statement: SQLStatement, _ needs: inout StatementNeeds
    ) throws(SQLError) -> (Expression, end: Int) {
        guard let tokens = Lexer.tokens(of: text, upToBraceFrom: start), let last = tokens.last else {
            throw SQLError("'}' behind the expression", found: "the end of the template", at: text.count, in: text)
        }
        let scope = ParserScope(variables: statement.syntax.variables.map(\.name))
        var parser = Parser(text: text, tokens: tokens, dialect: statement.dialect, scope: scope)
        parser.needs = needs
        let expression = try parser.templateExpression()
        if parser.needs.protobufDecodes > 0 {
            throw SQLError("no decode(…, 'proto', …) in a template", found: "one", at: start, in: text)
        }
        needs = parser.needs
        return (expression, last.range.upperBound)
    }
}

extension Parser {
    /// An expression and nothing behind it; `*` is the payload.
    mutating func templateExpression() throws(SQLError) -> Expression {
        let expression: Expression
        if self.token.kind == .symbol(.star) {
            self.advance()
            expression = self.star()
        } else {
            expression = try self.expression()
        }
        guard self.token.kind == .end else { throw self.failure("an operator or '}'") }
        return expression
    }
}
