/// A function of the language, by the name that AWS writes, in small letters.
struct SQLFunction: Sendable {
    /// A number of arguments outside of `arity` makes Undefined; it is no error.
    enum Body: Sendable {
        /// Computes from the arguments' values.
        case values(@Sendable (inout Evaluation, [SQLValue]) throws(EvaluationStop) -> SQLValue)
        /// Looks at the arguments itself: because it takes the raw payload, does not need them all, or has them prepared.
        case expressions(@Sendable (inout Evaluation, Call) throws(EvaluationStop) -> SQLValue)
    }

    let name: String
    let arity: ClosedRange<Int>
    /// Not in 2015-10-08.
    let isModern: Bool
    let body: Body
    /// Reads what literal arguments allow to read before there is a message.
    let prepare: (@Sendable ([Expression]) -> PreparedArgument?)?

    init(
        _ name: String, _ arity: ClosedRange<Int>, isModern: Bool = false,
        _ body: @escaping @Sendable (inout Evaluation, [SQLValue]) throws(EvaluationStop) -> SQLValue
    ) {
        self.name = name
        self.arity = arity
        self.isModern = isModern
        self.body = .values(body)
        self.prepare = nil
    }

    init(
        special name: String, _ arity: ClosedRange<Int>, isModern: Bool = false,
        prepare: (@Sendable ([Expression]) -> PreparedArgument?)? = nil,
        _ body: @escaping @Sendable (inout Evaluation, Call) throws(EvaluationStop) -> SQLValue
    ) {
        self.name = name
        self.arity = arity
        self.isModern = isModern
        self.body = .expressions(body)
        self.prepare = prepare
    }
}

/// A literal argument that was read once and for all.
enum PreparedArgument: Sendable {
    case regex(Regex)
    case timePattern(TimePattern)
    /// It is no such thing, and why; each call gives Undefined.
    case invalid(String)

    var problem: String? {
        if case .invalid(let reason) = self { reason } else { nil }
    }
}
