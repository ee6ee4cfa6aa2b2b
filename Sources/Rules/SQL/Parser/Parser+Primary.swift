import JSON

extension Parser {
    /// A literal, a name, a call, CASE, EXISTS, or something in brackets.
    mutating func primary() throws(SQLError) -> Expression {
        let token = self.token
        switch token.kind {
        case .number(let value):
            self.advance()
            return .literal(value.exponent == 0 ? self.dialect.whole(value) : self.dialect.decimal(value))
        case .string(let text):
            self.advance()
            return .literal(.string(text))
        case .variable(let name):
            guard let index = self.scope.variables.firstIndex(of: name) else {
                throw self.failure("a variable that SET defines before this place")
            }
            self.advance()
            return .name(.variable(name, index: index))
        case .word(let word): return try self.word(word)
        case .symbol(.open):
            let start = self.position
            self.advance()
            return try self.parenthesized(from: start)
        case .symbol(.openBracket): return try self.array()
        case .symbol(.openBrace): return try self.object()
        case .symbol(.star): throw self.failure("an expression ('*' stands alone in SELECT or as a function's argument)")
        case .symbol, .invalid, .end: throw self.failure("an expression")
        }
    }

    /// What follows an opening parenthesis: a nested SELECT or an expression.
    mutating func parenthesized(from start: Int) throws(SQLError) -> Expression {
        try self.enter()
        defer { self.leave() }
        if self.token.isWord(.select) { return .subquery(try self.query()) }
        let expression = try self.expression()
        try self.expect(.close, "an operator or ')'")
        return expression
    }

    private mutating func word(_ word: String) throws(SQLError) -> Expression {
        if let keyword = Keyword(word) {
            switch keyword {
            case .true, .false, .null, .undefined:
                self.advance()
                return .literal(Self.value(of: keyword))
            case .case: return try self.simpleCase()
            case .exists where self.following.kind == .symbol(.open): return try self.exists()
            case .set, .value, .exists: break
            case .select: throw self.failure("an expression (a nested SELECT stands in parentheses)")
            default: throw self.failure("an expression (for a key of this name there is get(*, \"\(word)\"))")
            }
        }
        if self.following.kind == .symbol(.open) { return try self.call(word) }
        self.advance()
        return .name(self.resolve(word))
    }

    private static func value(of keyword: Keyword) -> SQLValue {
        switch keyword {
        case .true: .bool(true)
        case .false: .bool(false)
        case .null: .null
        default: .undefined
        }
    }

    /// An alias of a SELECT around, the innermost first; else a member of the element or payload.
    private mutating func resolve(_ word: String) -> Name {
        if let frame = self.scope.frames.lastIndex(where: { $0 == word }) { return .alias(word, frame: frame) }
        if self.scope.payloadAlias == word {
            self.needs.isWholePayload = true
            return .payloadAlias(word)
        }
        if !self.scope.frames.isEmpty { return .element(word) }
        return .payload(word, slot: self.needs.slot(of: word))
    }

    private mutating func exists() throws(SQLError) -> Expression {
        try self.needModern("EXISTS")
        self.advance()
        self.advance()
        try self.enter()
        defer { self.leave() }
        guard self.token.isWord(.select) else { throw self.failure("SELECT") }
        return .exists(try self.query())
    }

    /// `[a, b]`.
    private mutating func array() throws(SQLError) -> Expression {
        try self.needModern("an array literal")
        try self.enter()
        defer { self.leave() }
        self.advance()
        var elements: [Expression] = []
        if self.skip(.closeBracket) { return .array(elements) }
        repeat { elements.append(try self.expression()) } while self.skip(.comma)
        try self.expect(.closeBracket, "an operator, ',' or ']'")
        return .array(elements)
    }

    /// `{'key': a}`.
    private mutating func object() throws(SQLError) -> Expression {
        try self.needModern("an object literal")
        try self.enter()
        defer { self.leave() }
        self.advance()
        var members: [ObjectMember] = []
        if self.skip(.closeBrace) { return .object(members) }
        repeat {
            guard case .string(let key) = self.token.kind else { throw self.failure("a key in quotes") }
            self.advance()
            try self.expect(.colon)
            members.append(ObjectMember(key: key, value: try self.expression()))
        } while self.skip(.comma)
        try self.expect(.closeBrace, "an operator, ',' or '}'")
        return .object(members)
    }

    /// `CASE subject WHEN value THEN result … [ELSE otherwise] END`.
    private mutating func simpleCase() throws(SQLError) -> Expression {
        try self.enter()
        defer { self.leave() }
        self.advance()
        if self.token.isWord(.when) { throw self.failure("an expression after CASE (WHEN compares with its value)") }
        let subject = try self.expression()
        guard self.token.isWord(.when) else { throw self.failure("an operator or WHEN") }
        var branches: [CaseExpression.Branch] = []
        while self.skip(.when) {
            let value = try self.expression()
            try self.expect(.then, "an operator or THEN")
            branches.append(CaseExpression.Branch(value: value, result: try self.expression()))
        }
        let otherwise = self.skip(.else) ? try self.expression() : nil
        try self.expect(.end, otherwise == nil ? "an operator, WHEN, ELSE or END" : "an operator or END")
        return .simpleCase(CaseExpression(subject: subject, branches: branches, otherwise: otherwise))
    }
}
