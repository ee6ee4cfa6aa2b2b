import JSON

/// One message on its way through one statement: the values of expressions, and what has been spent on them.
///
/// Where a function needs an answer from outside, the evaluation stops with `.needs`, the caller fetches the answer and evaluates again
/// with it: so there is one evaluator, synchronous, and only statements with such functions pay for them. Everything that an
/// evaluation reads (the time, random numbers, answers) is the same in each round.
struct Evaluation {
    let message: SQLMessage
    let dialect: SQLDialect
    let definitions: [VariableDefinition]
    var payload: PayloadReader
    /// The elements that SELECTs around are at, outermost first.
    var frames: [SQLValue] = []
    /// By place in SET; nil until one is needed.
    private var variables: [SQLValue?]
    private var variableBytes = 0
    var budget = EvaluationBudget()
    var state: EvaluationState

    init(
        message: SQLMessage, dialect: SQLDialect, definitions: [VariableDefinition], needs: StatementNeeds,
        variables: SQLVariables = .none, state: EvaluationState
    ) {
        self.message = message
        self.dialect = dialect
        self.definitions = definitions
        self.payload = PayloadReader(needs: needs)
        self.variables = variables.values.isEmpty ? Array(repeating: nil, count: definitions.count) : variables.values.map(Optional.some)
        self.state = state
    }

    mutating func value(of expression: Expression) throws(EvaluationStop) -> SQLValue {
        try self.budget.step()
        switch expression {
        case .literal(let value): return value
        case .name(let name): return try self.value(of: name)
        case .access(let base, let steps): return try self.value(of: base, steps)
        case .call(let call): return try self.value(of: call)
        case .comparison(let operation, let left, let right):
            let left = try self.value(of: left)
            let right = try self.value(of: right)
            try self.chargeComparison(of: left)
            return Operators.compare(operation, left, right, self.dialect)
        case .logical(let operation, let operands): return try self.logical(operation, operands)
        case .arithmetic(let first, let terms): return try self.arithmetic(first, terms)
        case .not(let operand):
            let value = try self.value(of: operand)
            return self.dialect.boolean(value).map { .bool(!$0) } ?? .undefined
        case .negated(let operand):
            return Operators.negate(try self.value(of: operand), self.dialect)
        case .positive(let operand):
            return Operators.number(try self.value(of: operand), self.dialect)
        case .star: return self.star()
        case .membership(let value, let values, let isNegated): return try self.membership(value, in: values, isNegated: isNegated)
        case .simpleCase(let expression): return try self.value(of: expression)
        case .cast(let operand, let type):
            return try self.cast(try self.value(of: operand), to: type)
        case .subquery(let query): return try self.value(of: query)
        case .exists(let query): return try self.exists(query)
        case .array(let elements): return try self.array(elements)
        case .object(let members): return try self.object(members)
        }
    }

    /// `*`: the element, or the payload. A payload that is neither a JSON object nor an array stands as base64 text.
    mutating func star() -> SQLValue { self.frames.last ?? self.payload.whole(of: self.message, self.dialect) }

    mutating func variable(_ index: Int) throws(EvaluationStop) -> SQLValue {
        if let value = self.variables[index] { return value }
        // Expressions of SET stand outside of every SELECT.
        let frames = self.frames
        self.frames = []
        let value = try self.value(of: self.definitions[index].value)
        self.frames = frames
        self.variables[index] = value
        // The value was charged to the budget when it was made, so its text is bounded.
        self.variableBytes += value.json?.serializedBytes().count ?? 0
        if self.variableBytes > SQLLimits.maxVariableBytes {
            throw .limit("the variables of SET hold more than \(SQLLimits.maxVariableBytes) bytes for this message")
        }
        return value
    }

    /// All of SET, for templates.
    mutating func allVariables() throws(EvaluationStop) -> SQLVariables {
        if self.definitions.isEmpty { return .none }
        var values: [SQLValue] = []
        for index in self.definitions.indices { values.append(try self.variable(index)) }
        return SQLVariables(values: values)
    }
}
