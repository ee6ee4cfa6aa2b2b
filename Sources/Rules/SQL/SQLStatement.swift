import JSON

/// A statement of the rules engine's SQL, read once and evaluated for each message.
///
///     let statement = try SQLStatement(parsing: "SELECT temperature FROM 'dt/+/telemetry' WHERE temperature > 30", version: .v2016)
///     let result = statement.evaluate(message)
package struct SQLStatement: Sendable {
    package let version: SQLVersion
    let syntax: StatementSyntax
    let needs: StatementNeeds
    let dialect: SQLDialect

    package init(parsing text: String, version: SQLVersion = .v2015, options: SQLOptions = .default) throws(SQLError) {
        self.version = version
        self.dialect = SQLDialect(version: version, options: options)
        let bytes = Array(text.utf8)
        guard bytes.count <= SQLLimits.maxStatementBytes else {
            throw SQLError(
                "a statement of at most \(SQLLimits.maxStatementBytes) bytes", found: "\(bytes.count) bytes", at: 0, in: [])
        }
        var parser = Parser(text: bytes, tokens: Lexer.tokens(of: bytes), dialect: self.dialect)
        self.syntax = try parser.statement()
        self.needs = parser.needs
    }

    /// The filter of FROM; nil for a rule that only Basic Ingest can reach.
    package var topicFilter: String? {
        if case .topic(let filter, _) = self.syntax.source { filter } else { nil }
    }

    /// `SELECT *` and nothing else.
    package var selectsOnlyStar: Bool { self.isPassThrough && !self.syntax.selection.isValue }

    /// `SELECT *` or `SELECT VALUE *`: what is no JSON object passes unchanged.
    private var isPassThrough: Bool {
        guard self.syntax.selection.items.count == 1, case .star = self.syntax.selection.items[0].expression else { return false }
        return self.syntax.selection.items[0].alias == nil && !self.isOverElements
    }

    /// Functions that leave the process, in order of appearance; a statement without any is evaluated without waiting.
    package var externalFunctions: [String] { self.needs.externalFunctions }

    /// What is no error in AWS but never works, such as a regular expression that is none.
    package var warnings: [String] { self.needs.warnings }

    private var isOverElements: Bool {
        if case .elements = self.syntax.source { true } else { false }
    }

    /// For a statement without external functions; in one that has some, they fail.
    package func evaluate(_ message: SQLMessage) -> SQLResult {
        var evaluation = self.evaluation(of: message)
        let outcome: SQLOutcome
        do throws(EvaluationStop) {
            outcome = try self.outcome(&evaluation)
        } catch {
            outcome = .failed(error.failure)
        }
        return SQLResult(outcome: outcome, payloadError: evaluation.payload.error)
    }

    /// Fetches the answers of external functions one after the other, as the evaluation comes to them.
    package func evaluate(_ message: SQLMessage, calling functions: some SQLExternalFunctions) async -> SQLResult {
        var state = EvaluationState()
        while true {
            var evaluation = self.evaluation(of: message, state)
            let outcome: SQLOutcome
            do throws(EvaluationStop) {
                outcome = try self.outcome(&evaluation)
            } catch {
                if case .needs(let call) = error {
                    await evaluation.state.fetch(call, from: functions, self.dialect)
                    state = evaluation.state
                    continue
                }
                outcome = .failed(error.failure)
            }
            return SQLResult(outcome: outcome, payloadError: evaluation.payload.error)
        }
    }

    private func evaluation(of message: SQLMessage, _ state: EvaluationState = EvaluationState()) -> Evaluation {
        Evaluation(message: message, dialect: self.dialect, definitions: self.syntax.variables, needs: self.needs, state: state)
    }

    private func outcome(_ evaluation: inout Evaluation) throws(EvaluationStop) -> SQLOutcome {
        if case .elements(let source, let alias) = self.syntax.source {
            let query = Query(
                selection: self.syntax.selection, source: source, alias: alias, condition: self.syntax.condition, frame: 0)
            let value = try evaluation.value(of: query)
            return .output(SQLOutput(body: self.body(value), variables: try evaluation.allVariables()))
        }
        if let condition = self.syntax.condition, let reason = self.reasonForNoMatch(try evaluation.value(of: condition)) {
            return .noMatch(reason)
        }
        let body: SQLOutput.Body
        if self.isPassThrough {
            body = self.passThrough(&evaluation)
        } else {
            body = self.body(try evaluation.value(of: self.syntax.selection))
        }
        return .output(SQLOutput(body: body, variables: try evaluation.allVariables()))
    }

    private func reasonForNoMatch(_ condition: SQLValue) -> SQLNoMatch? {
        switch self.dialect.boolean(condition) {
        case true: nil
        case false: .isFalse
        case nil: condition.json.map { .isNoBoolean(kind: $0.kindName) } ?? .isUndefined
        }
    }

    private func passThrough(_ evaluation: inout Evaluation) -> SQLOutput.Body {
        if case .object(let object) = evaluation.payload.json(of: evaluation.message, self.dialect) { return .json(.object(object)) }
        return .raw(evaluation.message.payload)
    }

    /// `SELECT VALUE` of Undefined is an empty message; so is that of an array in 2015-10-08, which has no arrays at the top.
    private func body(_ value: SQLValue) -> SQLOutput.Body {
        if case .array = value, !self.version.isModern { return .raw([]) }
        return value.json.map { .json($0) } ?? .raw([])
    }
}

extension SQLStatement: CustomStringConvertible {
    /// The statement in canonical form, which reads back as the same statement.
    package var description: String {
        var writer = SyntaxWriter()
        writer.write(self.syntax)
        return writer.text
    }
}
