/// Why an evaluation cannot go on.
enum EvaluationStop: Error {
    case limit(String)
    case external(SQLFailure)
    /// The answer of this call has to be fetched first; then the evaluation starts again.
    case needs(SQLExternalCall)

    /// What the rule is told.
    var failure: SQLFailure {
        switch self {
        case .limit(let message): SQLFailure(kind: .limit, message: message)
        case .external(let failure): failure
        case .needs(let call):
            SQLFailure(
                kind: .externalFunction(name: call.functionName), message: "\(call.functionName)() cannot be called here")
        }
    }
}

/// What is left to one message's evaluation (`SQLLimits`).
struct EvaluationBudget {
    private(set) var steps = SQLLimits.maxSteps
    private(set) var bytes = SQLLimits.maxProducedBytes
    var regexSteps = SQLLimits.maxRegexSteps

    @inline(__always)
    mutating func step() throws(EvaluationStop) {
        self.steps -= 1
        if self.steps < 0 { throw .limit("the statement needs more than \(SQLLimits.maxSteps) steps for this message") }
    }

    mutating func charge(bytes: Int) throws(EvaluationStop) {
        self.bytes -= bytes
        if self.bytes < 0 {
            // A later, smaller request must fail, too.
            self.bytes = 0
            throw .limit("the statement handles more than \(SQLLimits.maxProducedBytes) bytes of values for this message")
        }
    }
}
