extension Parser {
    /// Operators from the loosest to the tightest: OR, AND, NOT, comparisons and IN, sums, products, signs, `.` and `[ ]`. AWS
    /// publishes no precedence; this is SQL's.
    mutating func expression() throws(SQLError) -> Expression {
        var operands = [try self.conjunction()]
        while self.skip(.or) { operands.append(try self.conjunction()) }
        return operands.count == 1 ? operands[0] : .logical(.or, operands)
    }

    private mutating func conjunction() throws(SQLError) -> Expression {
        var operands = [try self.negation()]
        while self.skip(.and) { operands.append(try self.negation()) }
        return operands.count == 1 ? operands[0] : .logical(.and, operands)
    }

    private mutating func negation() throws(SQLError) -> Expression {
        guard self.skip(.not) else { return try self.comparison() }
        try self.enter()
        defer { self.leave() }
        return .not(try self.negation())
    }

    private mutating func comparison() throws(SQLError) -> Expression {
        let left = try self.sum()
        if case .symbol(let symbol) = self.token.kind, let operation = ComparisonOperator(rawValue: symbol.rawValue) {
            self.advance()
            return .comparison(operation, left, try self.sum())
        }
        let isNegated = self.token.isWord(.not) && self.following.isWord(.in)
        guard isNegated || self.token.isWord(.in) else { return left }
        try self.needModern("IN")
        if isNegated { self.advance() }
        self.advance()
        return .membership(left, in: try self.sum(), isNegated: isNegated)
    }

    private mutating func sum() throws(SQLError) -> Expression {
        let first = try self.product()
        var terms: [ArithmeticTerm] = []
        while let operation = self.skipOperator(isProduct: false) {
            terms.append(ArithmeticTerm(operation: operation, operand: try self.product()))
        }
        return terms.isEmpty ? first : .arithmetic(first, terms)
    }

    private mutating func product() throws(SQLError) -> Expression {
        let first = try self.signed()
        var terms: [ArithmeticTerm] = []
        while let operation = self.skipOperator(isProduct: true) {
            terms.append(ArithmeticTerm(operation: operation, operand: try self.signed()))
        }
        return terms.isEmpty ? first : .arithmetic(first, terms)
    }

    private mutating func skipOperator(isProduct: Bool) -> ArithmeticOperator? {
        guard case .symbol(let symbol) = self.token.kind, let operation = ArithmeticOperator(rawValue: symbol.rawValue),
            operation.isProduct == isProduct
        else { return nil }
        self.advance()
        return operation
    }

    private mutating func signed() throws(SQLError) -> Expression {
        let isNegated = self.token.kind == .symbol(.minus)
        guard isNegated || self.token.kind == .symbol(.plus) else { return try self.postfix() }
        try self.enter()
        defer { self.leave() }
        self.advance()
        let operand = try self.signed()
        return isNegated ? .negated(operand) : .positive(operand)
    }

    /// A primary and the names and indexes behind it.
    private mutating func postfix() throws(SQLError) -> Expression {
        let base = try self.primary()
        var steps: [AccessStep] = []
        while true {
            if self.skip(.dot) {
                guard case .word(let name) = self.token.kind else {
                    throw self.failure("a name after '.' (for other keys there is get(object, \"key\"))")
                }
                self.advance()
                steps.append(.member(name))
            } else if self.token.kind == .symbol(.openBracket) {
                try self.enter()
                defer { self.leave() }
                self.advance()
                steps.append(.element(try self.expression()))
                try self.expect(.closeBracket, "an operator or ']'")
            } else {
                return steps.isEmpty ? base : .access(base, steps)
            }
        }
    }
}
