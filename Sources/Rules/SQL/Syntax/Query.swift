/// What a SELECT puts out.
struct Selection: Hashable, Sendable {
    /// `SELECT VALUE`: the one item's value itself, not an object.
    let isValue: Bool
    /// Not empty; one when `isValue`.
    let items: [SelectItem]
}

struct SelectItem: Hashable, Sendable {
    let expression: Expression
    /// As written after AS; nil without.
    let alias: [String]?
    /// The names under which the value stands in the result, from the outermost; empty for `*` without alias, whose members go to the top.
    let outputPath: [String]
}

/// A SELECT inside an expression.
struct Query: Hashable, Sendable {
    let selection: Selection
    let source: Expression
    let alias: String?
    let condition: Expression?
    /// How many SELECTs with an element are around this one.
    let frame: Int
}

/// `@name = value`.
struct VariableDefinition: Hashable, Sendable {
    let name: String
    let value: Expression
}

/// A whole statement.
struct StatementSyntax: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        /// Only Basic Ingest can reach the rule.
        case none
        case topic(String, alias: String?)
        /// An array of the payload: the statement is one SELECT over its elements.
        case elements(Expression, alias: String?)
    }

    let variables: [VariableDefinition]
    let selection: Selection
    let source: Source
    let condition: Expression?
}
