import JSON

/// Writes statements in one canonical form: keywords in capitals, function names in small letters, parentheses only where the reader
/// would build another tree without them.
struct SyntaxWriter {
    /// How tightly an expression binds; an operand that binds less needs parentheses.
    private enum Precedence: Int {
        case or = 1
        case and, not, comparison, sum, product, sign, access, primary
    }

    private(set) var text = ""

    mutating func write(_ statement: StatementSyntax) {
        if !statement.variables.isEmpty {
            self.text += "SET "
            self.list(statement.variables) { writer, variable in
                writer.text += "@\(variable.name) = "
                writer.write(variable.value)
            }
            self.text += " "
        }
        self.write(statement.selection)
        switch statement.source {
        case .none: break
        case .topic(let filter, let alias):
            self.text += " FROM " + Self.quoted(filter)
            if let alias { self.text += " AS \(alias)" }
        case .elements(let source, let alias): self.writeSource(source, alias: alias)
        }
        self.writeCondition(statement.condition)
    }

    private mutating func write(_ query: Query) {
        self.text += "("
        self.write(query.selection)
        self.writeSource(query.source, alias: query.alias)
        self.writeCondition(query.condition)
        self.text += ")"
    }

    private mutating func writeSource(_ source: Expression, alias: String?) {
        self.text += " FROM ("
        self.write(source)
        self.text += ")"
        if let alias { self.text += " AS \(alias)" }
    }

    private mutating func writeCondition(_ condition: Expression?) {
        guard let condition else { return }
        self.text += " WHERE "
        self.write(condition)
    }

    private mutating func write(_ selection: Selection) {
        self.text += selection.isValue ? "SELECT VALUE " : "SELECT "
        self.list(selection.items) { writer, item in
            writer.write(item.expression)
            if let alias = item.alias { writer.text += " AS " + alias.joined(separator: ".") }
        }
    }

    mutating func write(_ expression: Expression) { self.write(expression, atLeast: .or) }

    private mutating func write(_ expression: Expression, atLeast minimum: Precedence) {
        let needsParentheses = Self.precedence(of: expression).rawValue < minimum.rawValue
        if needsParentheses { self.text += "(" }
        self.writeBare(expression)
        if needsParentheses { self.text += ")" }
    }

    private static func precedence(of expression: Expression) -> Precedence {
        switch expression {
        case .logical(.or, _): .or
        case .logical(.and, _): .and
        case .not: .not
        case .comparison, .membership: .comparison
        case .arithmetic(_, let terms): terms.first?.operation.isProduct == true ? .product : .sum
        case .negated, .positive: .sign
        case .access: .access
        case .literal, .star, .name, .simpleCase, .call, .cast, .subquery, .exists, .array, .object: .primary
        }
    }

    private mutating func writeBare(_ expression: Expression) {
        switch expression {
        case .literal(let value): self.writeLiteral(value)
        case .star: self.text += "*"
        case .name(let name): self.writeName(name)
        case .access(let base, let steps): self.writeAccess(base, steps)
        case .negated(let operand): self.prefix("-", operand, atLeast: .sign)
        case .positive(let operand): self.prefix("+", operand, atLeast: .sign)
        case .not(let operand): self.prefix("NOT ", operand, atLeast: .not)
        case .logical(let operation, let operands):
            self.list(operands, separator: " \(operation.rawValue) ") { $0.write($1, atLeast: operation == .or ? .and : .not) }
        case .comparison(let operation, let left, let right): self.infix(left, " \(operation.rawValue) ", right)
        case .membership(let value, let values, let isNegated): self.infix(value, isNegated ? " NOT IN " : " IN ", values)
        case .arithmetic(let first, let terms): self.writeArithmetic(first, terms)
        case .simpleCase(let expression): self.writeCase(expression)
        case .call(let call):
            self.text += call.function.name + "("
            self.list(call.arguments) { $0.write($1) }
            self.text += ")"
        case .cast(let operand, let type):
            self.prefix("cast(", operand, atLeast: .or)
            self.text += " AS \(type.rawValue))"
        case .subquery(let query): self.write(query)
        case .exists(let query):
            self.text += "EXISTS "
            self.write(query)
        case .array(let elements):
            self.text += "["
            self.list(elements) { $0.write($1) }
            self.text += "]"
        case .object(let members): self.writeObject(members)
        }
    }

    private mutating func prefix(_ sign: String, _ operand: Expression, atLeast minimum: Precedence) {
        self.text += sign
        self.write(operand, atLeast: minimum)
    }

    private mutating func infix(_ left: Expression, _ sign: String, _ right: Expression) {
        self.write(left, atLeast: .sum)
        self.text += sign
        self.write(right, atLeast: .sum)
    }

    private mutating func writeArithmetic(_ first: Expression, _ terms: [ArithmeticTerm]) {
        let minimum: Precedence = terms.first?.operation.isProduct == true ? .sign : .product
        self.write(first, atLeast: minimum)
        for term in terms {
            self.text += " \(term.operation.rawValue) "
            self.write(term.operand, atLeast: minimum)
        }
    }

    private mutating func writeAccess(_ base: Expression, _ steps: [AccessStep]) {
        self.write(base, atLeast: .primary)
        for step in steps {
            switch step {
            case .member(let name): self.text += "." + name
            case .element(let index):
                self.text += "["
                self.write(index)
                self.text += "]"
            }
        }
    }

    private mutating func writeCase(_ expression: CaseExpression) {
        self.prefix("CASE ", expression.subject, atLeast: .or)
        for branch in expression.branches {
            self.prefix(" WHEN ", branch.value, atLeast: .or)
            self.prefix(" THEN ", branch.result, atLeast: .or)
        }
        if let otherwise = expression.otherwise { self.prefix(" ELSE ", otherwise, atLeast: .or) }
        self.text += " END"
    }

    private mutating func writeObject(_ members: [ObjectMember]) {
        self.text += "{"
        self.list(members) { writer, member in
            writer.text += Self.quoted(member.key) + ": "
            writer.write(member.value)
        }
        self.text += "}"
    }

    private mutating func writeLiteral(_ value: SQLValue) {
        switch value {
        case .undefined: self.text += "UNDEFINED"
        case .null: self.text += "NULL"
        case .bool(let value): self.text += value ? "TRUE" : "FALSE"
        case .int(let value): self.text += String(value)
        case .decimal(let value): self.text += value.description
        case .string(let value): self.text += Self.quoted(value)
        case .array, .object: assertionFailure("a literal is a scalar")
        }
    }

    private mutating func writeName(_ name: Name) {
        switch name {
        case .payload(let name, _), .element(let name), .alias(let name, _), .payloadAlias(let name):
            // After SELECT this one name could be read as the keyword.
            self.text += Keyword(name) == .value ? "(\(name))" : name
        case .variable(let name, _): self.text += "@" + name
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "'"
        for scalar in text.unicodeScalars {
            if scalar == "\\" || scalar == "'" { result.unicodeScalars.append(scalar) }
            result.unicodeScalars.append(scalar)
        }
        return result + "'"
    }

    private mutating func list<Element>(
        _ elements: [Element], separator: String = ", ", _ write: (inout SyntaxWriter, Element) -> Void
    ) {
        for (index, element) in elements.enumerated() {
            if index > 0 { self.text += separator }
            write(&self, element)
        }
    }
}
