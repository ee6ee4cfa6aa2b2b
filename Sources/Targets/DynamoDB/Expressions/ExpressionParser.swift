import JSON

/// Reads the expressions of one parameter.
struct ExpressionParser {
    /// The parameter's name.
    let kind: String
    var tokens: ArraySlice<ExpressionToken>
    var names: ExpressionNames
    private var depth = 0
    private var operators = 0

    init(_ text: String, kind: String, names: ExpressionNames) throws {
        self.kind = kind
        self.tokens = try ExpressionToken.all(of: text, kind: kind)[...]
        self.names = names
    }

    // MARK: Conditions

    mutating func condition() throws -> Condition {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= DynamoDBLimits.maxExpressionDepth else {
            throw DynamoDBError.validation(
                "Invalid \(self.kind): The expression nests more than \(DynamoDBLimits.maxExpressionDepth) levels")
        }
        var alternatives = [try self.conjunction()]
        while self.takeKeyword("OR") { alternatives.append(try self.conjunction()) }
        return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
    }

    private mutating func conjunction() throws -> Condition {
        var conditions = [try self.negation()]
        while self.takeKeyword("AND") { conditions.append(try self.negation()) }
        return conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    private mutating func negation() throws -> Condition {
        var isNegated = false
        while self.takeKeyword("NOT") { isNegated.toggle() }
        let condition = try self.term()
        return isNegated ? .not(condition) : condition
    }

    private mutating func term() throws -> Condition {
        self.operators += 1
        guard self.operators <= DynamoDBLimits.maxOperators else {
            throw DynamoDBError.validation("Invalid \(self.kind): The expression contains too many operators; maximum operator count: 300")
        }
        if self.take("(") {
            let inner = try self.condition()
            try self.demand(")")
            return inner
        }
        if let function = try self.function() { return function }
        let left = try self.operand()
        if self.takeKeyword("BETWEEN") {
            let low = try self.operand()
            guard self.takeKeyword("AND") else { throw self.syntaxError }
            return .between(left, low, try self.operand())
        }
        if self.takeKeyword("IN") {
            try self.demand("(")
            var values = [try self.operand()]
            while self.take(",") { values.append(try self.operand()) }
            try self.demand(")")
            guard values.count <= 100 else {
                throw DynamoDBError.validation("Invalid \(self.kind): The IN operator is provided with too many operands; maximum: 100")
            }
            return .among(left, values)
        }
        guard case .sign(let sign) = self.tokens.first, let comparison = Condition.Comparison(rawValue: sign) else {
            throw self.syntaxError
        }
        self.tokens.removeFirst()
        return .compare(left, comparison, try self.operand())
    }

    private static let functions: Set<String> = ["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains"]

    private mutating func function() throws -> Condition? {
        guard case .word(let name) = self.tokens.first, self.tokens.dropFirst().first == .sign("("), name != "size" else { return nil }
        guard Self.functions.contains(name) else {
            throw DynamoDBError.validation("Invalid \(self.kind): Invalid function name; function: \(name)")
        }
        self.tokens.removeFirst(2)
        let condition: Condition
        switch name {
        case "attribute_exists": condition = .exists(try self.path())
        case "attribute_not_exists": condition = .not(.exists(try self.path()))
        case "attribute_type":
            let path = try self.path()
            try self.demand(",")
            condition = .hasType(path, try self.operand())
        default:
            let left = try self.operand()
            try self.demand(",")
            let right = try self.operand()
            condition = name == "contains" ? .contains(left, right) : .beginsWith(left, right)
        }
        try self.demand(")")
        return condition
    }

    private mutating func operand() throws -> Condition.Operand {
        if case .valuePlaceholder(let name) = self.tokens.first {
            self.tokens.removeFirst()
            return .value(try self.names.value(name, kind: self.kind))
        }
        if self.tokens.first == .word("size"), self.tokens.dropFirst().first == .sign("(") {
            self.tokens.removeFirst(2)
            let path = try self.path()
            try self.demand(")")
            return .size(path)
        }
        return .path(try self.path())
    }

    // MARK: Paths and signs

    mutating func path() throws -> DocumentPath {
        let name = try self.name()
        var steps: [DocumentPath.Step] = []
        while true {
            if self.take(".") {
                steps.append(.name(try self.name()))
            } else if self.take("[") {
                guard case .number(let index) = self.tokens.popFirst() else { throw self.syntaxError }
                try self.demand("]")
                steps.append(.index(index))
            } else {
                break
            }
        }
        guard steps.count < DynamoDBLimits.maxPathSteps else {
            throw DynamoDBError.validation("Invalid \(self.kind): The document path has too many nesting elements")
        }
        return DocumentPath(name: name, steps: steps)
    }

    private static let keywords: Set<String> = ["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"]

    private mutating func name() throws -> String {
        switch self.tokens.first {
        case .namePlaceholder(let placeholder):
            self.tokens.removeFirst()
            return try self.names.name(placeholder, kind: self.kind)
        case .word(let word):
            guard !Self.keywords.contains(word.uppercased()) else {
                throw DynamoDBError.validation(
                    "Invalid \(self.kind): Attribute name is a reserved keyword; reserved keyword: \(word)")
            }
            self.tokens.removeFirst()
            return word
        default: throw self.syntaxError
        }
    }

    mutating func take(_ sign: String) -> Bool {
        guard self.tokens.first == .sign(sign) else { return false }
        self.tokens.removeFirst()
        return true
    }

    mutating func takeKeyword(_ keyword: String) -> Bool {
        guard case .word(let word) = self.tokens.first, word.uppercased() == keyword else { return false }
        self.tokens.removeFirst()
        return true
    }

    mutating func demand(_ sign: String) throws {
        guard self.take(sign) else { throw self.syntaxError }
    }

    /// Nothing may come behind a whole expression.
    func end() throws {
        guard self.tokens.isEmpty else { throw self.syntaxError }
    }

    var syntaxError: any Error { ExpressionToken.syntax(self.kind, self.tokens.first?.text ?? "<EOF>") }
}
