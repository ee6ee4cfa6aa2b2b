/// A text with `${expression}` in it, as the fields of actions take it (AWS IoT, "Substitution templates").
///
/// Expressions see the message's payload, not what SELECT makes of it, and the variables of the rule's SET clause.
package struct SubstitutionTemplate: Sendable {
    enum Part: Hashable, Sendable {
        case text(String)
        case expression(Expression)
    }

    let parts: [Part]
    let needs: StatementNeeds
    private let definitions: [VariableDefinition]
    private let dialect: SQLDialect

    /// `statement` is the rule's: it says the version of the language and the variables. With `unescapesDollar`, as in republish topics,
    /// `$$` at the start stands for `$`.
    package init(
        parsing text: String, in statement: SQLStatement, unescapesDollar: Bool = false
    ) throws(SQLError) {
        self.dialect = statement.dialect
        self.definitions = statement.syntax.variables
        (self.parts, self.needs) = try Self.parse(Array(text.utf8), in: statement, unescapesDollar: unescapesDollar)
    }

    /// There is nothing to substitute.
    package var isConstant: Bool { self.parts.allSatisfy { if case .text = $0 { true } else { false } } }

    /// Functions that leave the process, in order of appearance.
    package var externalFunctions: [String] { self.needs.externalFunctions }

    /// For a template without external functions. `variables` are of the statement's outcome for the same message.
    package func evaluate(_ message: SQLMessage, variables: SQLVariables = .none) throws(SQLFailure) -> String {
        var evaluation = self.evaluation(of: message, variables, EvaluationState())
        do throws(EvaluationStop) { return try self.text(&evaluation) } catch { throw error.failure }
    }

    package func evaluate(
        _ message: SQLMessage, variables: SQLVariables = .none, calling functions: some SQLExternalFunctions
    ) async throws(SQLFailure) -> String {
        var state = EvaluationState()
        while true {
            var evaluation = self.evaluation(of: message, variables, state)
            do throws(EvaluationStop) {
                return try self.text(&evaluation)
            } catch {
                guard case .needs(let call) = error else { throw error.failure }
                await evaluation.state.fetch(call, from: functions, self.dialect)
                state = evaluation.state
            }
        }
    }

    private func evaluation(of message: SQLMessage, _ variables: SQLVariables, _ state: EvaluationState) -> Evaluation {
        Evaluation(
            message: message, dialect: self.dialect, definitions: self.definitions, needs: self.needs, variables: variables, state: state)
    }

    /// Undefined and Null are empty texts.
    private func text(_ evaluation: inout Evaluation) throws(EvaluationStop) -> String {
        var result = ""
        for part in self.parts {
            switch part {
            case .text(let text): result += text
            case .expression(let expression): result += try evaluation.text(try evaluation.value(of: expression)) ?? ""
            }
        }
        return result
    }
}

extension SubstitutionTemplate: CustomStringConvertible {
    /// The template with its expressions in canonical form.
    package var description: String {
        self.parts.map { part in
            switch part {
            case .text(let text): return text
            case .expression(let expression):
                var writer = SyntaxWriter()
                writer.write(expression)
                return "${" + writer.text + "}"
            }
        }.joined()
    }
}
