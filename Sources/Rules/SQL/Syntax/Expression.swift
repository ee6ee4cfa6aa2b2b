/// What is computed. Chains of one precedence are flat lists, so that a long statement makes no deep tree: an expression nests no
/// deeper than `SQLLimits.maxNesting`.
indirect enum Expression: Hashable, Sendable {
    /// A scalar; never an array or object.
    case literal(SQLValue)
    /// `*`: the payload, or the element that a nested SELECT is at.
    case star
    case name(Name)
    /// `base.name[index]…`; not empty.
    case access(Expression, [AccessStep])
    case negated(Expression)
    case positive(Expression)
    case not(Expression)
    /// Two operands or more.
    case logical(LogicalOperator, [Expression])
    case comparison(ComparisonOperator, Expression, Expression)
    case membership(Expression, in: Expression, isNegated: Bool)
    /// From left to right: operators of one precedence.
    case arithmetic(Expression, [ArithmeticTerm])
    case simpleCase(CaseExpression)
    case call(Call)
    case cast(Expression, CastType)
    case subquery(Query)
    case exists(Query)
    case array([Expression])
    case object([ObjectMember])
}

/// What the first word of a path is.
enum Name: Hashable, Sendable {
    /// A member of the payload, at this place in the statement's list of the members that it reads.
    case payload(String, slot: Int)
    /// A member of the element that the innermost SELECT is at.
    case element(String)
    /// The element of an outer or the same SELECT, by its alias; `frame` counts from the outermost.
    case alias(String, frame: Int)
    /// The payload, by the alias of the topic filter.
    case payloadAlias(String)
    /// `@name`.
    case variable(String, index: Int)
}

enum AccessStep: Hashable, Sendable {
    case member(String)
    case element(Expression)
}

enum LogicalOperator: String, Sendable {
    case and = "AND"
    case or = "OR"
}

enum ComparisonOperator: String, Sendable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
}

enum ArithmeticOperator: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"

    var isProduct: Bool { self != .add && self != .subtract }
}

struct ArithmeticTerm: Hashable, Sendable {
    let operation: ArithmeticOperator
    let operand: Expression
}

/// `CASE subject WHEN value THEN result … [ELSE otherwise] END`.
struct CaseExpression: Hashable, Sendable {
    struct Branch: Hashable, Sendable {
        let value: Expression
        let result: Expression
    }

    let subject: Expression
    /// Not empty.
    let branches: [Branch]
    let otherwise: Expression?
}

struct ObjectMember: Hashable, Sendable {
    let key: String
    let value: Expression
}

/// The types that `cast` knows, by the first of their names.
enum CastType: String, Sendable {
    case string = "String"
    case int = "Int"
    case decimal = "Decimal"
    case boolean = "Boolean"

    init?(name: String, version: SQLVersion) {
        switch name.lowercased() {
        case "string", "nvarchar", "text", "ntext", "varchar": self = .string
        case "int", "integer": self = .int
        case "double": self = .decimal
        case "decimal" where version.isModern: self = .decimal
        case "bool", "boolean": if version.isModern { self = .boolean } else { return nil }
        default: return nil
        }
    }
}

/// A function and what it is applied to.
struct Call: Hashable, Sendable {
    let function: SQLFunction
    let arguments: [Expression]
    /// What could be read from literal arguments once and for all.
    let prepared: PreparedArgument?

    // What is prepared follows from the arguments.
    static func == (a: Call, b: Call) -> Bool { a.function.name == b.function.name && a.arguments == b.arguments }

    func hash(into hasher: inout Hasher) {
        hasher.combine(self.function.name)
        hasher.combine(self.arguments)
    }
}
