import JSON

extension Parser {
    /// The whole text: `[SET …] SELECT … [FROM …] [WHERE …] [;]`.
    mutating func statement() throws(SQLError) -> StatementSyntax {
        let variables = try self.variables()
        try self.expect(.select, variables.isEmpty ? "SELECT or SET" : "',' or SELECT")
        let items = self.position
        var source = StatementSyntax.Source.none
        if self.skipToFrom() {
            self.advance()
            source = try self.statementSource()
        }
        var isOverElements = false
        if case .elements(_, let alias) = source {
            isOverElements = true
            self.scope.frames.append(alias)
        }
        let condition = source == .none ? nil : try self.condition()
        let end = self.position
        self.position = items
        let selection = try self.selection()
        if source == .none {
            // Without FROM nothing has been read behind the items.
            let condition = try self.condition()
            try self.expectEnd("',', AS, FROM, WHERE or the end of the statement")
            return StatementSyntax(variables: variables, selection: selection, source: source, condition: condition)
        }
        guard self.token.isWord(.from) else { throw self.failure("',', AS or FROM") }
        self.position = end
        try self.expectEnd(condition == nil ? "WHERE or the end of the statement" : "an operator or the end of the statement")
        if isOverElements { self.scope.frames.removeLast() }
        return StatementSyntax(variables: variables, selection: selection, source: source, condition: condition)
    }

    private mutating func expectEnd(_ expected: String) throws(SQLError) {
        _ = self.skip(.semicolon)
        guard self.token.kind == .end else { throw self.failure(expected) }
    }

    /// A topic filter in quotes, a bare one up to the next space, or `(array) [AS name]`.
    private mutating func statementSource() throws(SQLError) -> StatementSyntax.Source {
        switch self.token.kind {
        case .string(let filter):
            self.advance()
            return self.topic(filter, alias: try self.sourceAlias())
        case .symbol(.open):
            try self.needModern("FROM over an array")
            let start = self.position
            self.advance()
            let source = try self.parenthesized(from: start)
            return .elements(source, alias: try self.sourceAlias())
        case .word, .symbol(.slash), .symbol(.plus), .invalid:
            guard let filter = self.bareTopicFilter() else { break }
            return self.topic(filter, alias: try self.sourceAlias())
        default: break
        }
        throw self.failure("a topic filter in quotes")
    }

    private mutating func topic(_ filter: String, alias: String?) -> StatementSyntax.Source {
        self.scope.payloadAlias = alias
        return .topic(filter, alias: alias)
    }

    /// `FROM a/+/b` without quotes: the bytes up to the next space or semicolon, whatever tokens they make.
    private mutating func bareTopicFilter() -> String? {
        let start = self.token.range.lowerBound
        // '$', '+', '/', '#' and letters can begin a filter; nothing else that is no token.
        let first = self.text[start]
        guard Lexer.isWordStart(first) || "$+/#".utf8.contains(first) else { return nil }
        if let keyword = self.wordKeyword, keyword.isReserved { return nil }
        var end = start
        while end < self.text.count, !Lexer.isSpace(self.text[end]), !"';\"".utf8.contains(self.text[end]) { end += 1 }
        while self.token.range.lowerBound < end && self.token.kind != .end { self.advance() }
        return String(decoding: self.text[start..<end], as: UTF8.self)
    }

    private var wordKeyword: Keyword? {
        guard case .word(let word) = self.token.kind else { return nil }
        return Keyword(word)
    }

    /// `AS name` behind a source.
    mutating func sourceAlias() throws(SQLError) -> String? {
        guard self.token.isWord(.as) else { return nil }
        try self.needModern("AS behind FROM")
        self.advance()
        guard case .word(let name) = self.token.kind, Keyword(name)?.isReserved != true else { throw self.failure("a name for the source") }
        self.advance()
        return name
    }

    mutating func condition() throws(SQLError) -> Expression? {
        guard self.skip(.where) else { return nil }
        return try self.expression()
    }

    /// Moves to the FROM that belongs to the items at the current place; does not move when there is none before the items' end.
    ///
    /// FROM is read before the items because it names what they may refer to. Nested SELECTs are always in parentheses.
    mutating func skipToFrom() -> Bool {
        var depth = 0
        for index in self.position..<self.tokens.count {
            switch self.tokens[index].kind {
            case .symbol(.open), .symbol(.openBracket), .symbol(.openBrace): depth += 1
            case .symbol(.close), .symbol(.closeBracket), .symbol(.closeBrace):
                depth -= 1
                if depth < 0 { return false }
            case .word:
                guard depth == 0 else { continue }
                if self.tokens[index].isWord(.where) { return false }
                // A name after a point or AS is no keyword.
                let isName = index > 0 && (self.tokens[index - 1].kind == .symbol(.dot) || self.tokens[index - 1].isWord(.as))
                if !isName && self.tokens[index].isWord(.from) {
                    self.position = index
                    return true
                }
            default: continue
            }
        }
        return false
    }
}
