extension Parser {
    /// What stands between SELECT and FROM.
    mutating func selection() throws(SQLError) -> Selection {
        let isValue = self.isValueKeyword()
        if isValue { self.advance() }
        var items: [SelectItem] = []
        repeat {
            items.append(try self.item(number: items.count + 1))
        } while self.skip(.comma)
        if isValue {
            guard items.count == 1 else { throw self.failure("one expression after SELECT VALUE", at: self.tokens[self.position - 1]) }
            if items[0].alias != nil { throw self.failure("no alias after SELECT VALUE", at: self.tokens[self.position - 1]) }
        }
        return Selection(isValue: isValue, items: items)
    }

    /// "VALUE" is the keyword when an expression begins behind it, and a field of that name when it is itself the operand of what follows.
    private func isValueKeyword() -> Bool {
        guard self.token.isWord(.value) else { return false }
        let after = self.tokens[min(self.position + 2, self.tokens.count - 1)]
        switch self.following.kind {
        case .string, .number, .variable, .symbol(.open), .symbol(.openBracket), .symbol(.openBrace): return true
        case .symbol(.minus), .symbol(.plus):
            // `VALUE -x` has a sign; `value - x` and `value-x` have an operator.
            return self.token.range.upperBound < self.following.range.lowerBound
                && self.following.range.upperBound == after.range.lowerBound
        case .symbol(.star):
            // `VALUE *` ends there; `value * 2` goes on.
            switch after.kind {
            case .end, .symbol(.comma), .symbol(.close), .symbol(.semicolon): return true
            default: return after.isWord(.from) || after.isWord(.where) || after.isWord(.as)
            }
        case .word(let word):
            switch Keyword(word) {
            case .from, .where, .as, .and, .or, .in, .end, .then, .when, .else: return false
            case .not: return !after.isWord(.in)
            default: return true
            }
        case .symbol, .invalid, .end: return false
        }
    }

    private mutating func item(number: Int) throws(SQLError) -> SelectItem {
        let expression: Expression
        if self.token.kind == .symbol(.star) {
            self.advance()
            expression = self.star()
        } else {
            expression = try self.expression()
        }
        let alias = try self.alias()
        let path = alias ?? (expression == .star ? [] : [Self.outputName(of: expression, number: number)])
        return SelectItem(expression: expression, alias: alias, outputPath: path)
    }

    mutating func star() -> Expression {
        if self.scope.frames.isEmpty { self.needs.isWholePayload = true }
        return .star
    }

    /// `AS a.b`.
    private mutating func alias() throws(SQLError) -> [String]? {
        guard self.skip(.as) else { return nil }
        var names: [String] = []
        repeat {
            guard case .word(let name) = self.token.kind else { throw self.failure("a name after \(names.isEmpty ? "AS" : "'.'")") }
            if names.count == SQLLimits.maxAliasSegments {
                throw self.failure("an alias of at most \(SQLLimits.maxAliasSegments) names")
            }
            names.append(name)
            self.advance()
        } while self.skip(.dot)
        return names
    }

    /// The name of a value without alias. A path has its last name, a function its own, a variable its name; AWS does not say what others
    /// have, so they are `_1`, `_2` … by their place, as in PartiQL.
    private static func outputName(of expression: Expression, number: Int) -> String {
        switch expression {
        case .name(.payload(let name, _)), .name(.element(let name)), .name(.alias(let name, _)), .name(.payloadAlias(let name)),
            .name(.variable(let name, _)):
            return name
        case .access(_, let steps):
            if case .member(let name) = steps[steps.count - 1] { return name }
        case .call(let call): return call.function.name
        case .cast: return "cast"
        default: break
        }
        return "_\(number)"
    }

    /// A SELECT in parentheses; the opening one is behind. FROM is read first, see `skipToFrom`.
    mutating func query() throws(SQLError) -> Query {
        try self.needModern("a nested SELECT")
        try self.expect(.select)
        let items = self.position
        guard self.skipToFrom() else {
            _ = try self.selection()
            throw self.failure("',', AS or FROM")
        }
        self.advance()
        let source = try self.expression()
        let alias = try self.sourceAlias()
        let frame = self.scope.frames.count
        self.scope.frames.append(alias)
        let condition = try self.condition()
        let end = self.position
        self.position = items
        let selection = try self.selection()
        guard self.token.isWord(.from) else { throw self.failure("',', AS or FROM") }
        self.position = end
        self.scope.frames.removeLast()
        try self.expect(.close, condition == nil ? "AS, WHERE or ')'" : "an operator or ')'")
        return Query(selection: selection, source: source, alias: alias, condition: condition, frame: frame)
    }
}
