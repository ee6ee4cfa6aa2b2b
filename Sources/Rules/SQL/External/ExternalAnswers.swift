import JSON

/// What an evaluation that starts over must find as it was: the answers of external functions, and random numbers.
struct EvaluationState {
    private var answers: [SQLExternalCall: Result<SQLValue, SQLFailure>] = [:]
    private var randomNumbers: [UInt64] = []
    /// How many of the numbers this round has taken.
    private var takenNumbers = 0

    func answer(of call: SQLExternalCall) -> Result<SQLValue, SQLFailure>? { self.answers[call] }

    var callCount: Int { self.answers.count }

    func callCount(of function: ExternalFunction) -> Int { self.answers.keys.count { $0.function == function } }

    mutating func nextRandomNumber() -> UInt64 {
        if self.takenNumbers == self.randomNumbers.count { self.randomNumbers.append(UInt64.random(in: .min ... .max)) }
        defer { self.takenNumbers += 1 }
        return self.randomNumbers[self.takenNumbers]
    }

    /// Asks for an answer, and makes ready for the next round.
    mutating func fetch(_ call: SQLExternalCall, from functions: some SQLExternalFunctions, _ dialect: SQLDialect) async {
        self.takenNumbers = 0
        do {
            let answer = try await functions.answer(call)
            self.answers[call] = .success(answer.map { SQLValue(dialect.canonical($0)) } ?? .undefined)
        } catch {
            self.answers[call] = .failure(
                SQLFailure(kind: .externalFunction(name: call.functionName), message: "\(call.functionName)() failed: \(error)"))
        }
    }
}

extension Evaluation {
    /// The answer, or the request to fetch it.
    func answer(_ call: SQLExternalCall) throws(EvaluationStop) -> SQLValue {
        switch self.state.answer(of: call) {
        case .success(let value): return value
        case .failure(let failure): throw .external(failure)
        case nil: break
        }
        if call.function.isOncePerStatement && self.state.callCount(of: call.function) > 0 {
            throw .external(
                SQLFailure(
                    kind: .externalFunction(name: call.functionName),
                    message: "\(call.functionName)() can be called once in a statement; set a variable and use it twice"))
        }
        if self.state.callCount >= SQLLimits.maxExternalCalls {
            throw .limit("the statement makes more than \(SQLLimits.maxExternalCalls) external calls for this message")
        }
        throw .needs(call)
    }
}
