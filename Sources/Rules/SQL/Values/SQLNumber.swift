import JSON

/// A number on its way through an operator.
enum SQLNumber {
    case int(Int64)
    /// An Int of more digits when the exponent is 0 (`SQLValue`).
    case decimal(JSONDecimal)

    var decimal: JSONDecimal {
        switch self {
        case .int(let value): JSONDecimal(value)
        case .decimal(let value): value
        }
    }

    var isInt: Bool {
        switch self {
        case .int: true
        case .decimal(let value): value.exponent == 0
        }
    }

    var double: Double {
        switch self {
        case .int(let value): Double(value)
        case .decimal(let value): value.doubleValue
        }
    }

    static func < (a: SQLNumber, b: SQLNumber) -> Bool {
        if case .int(let a) = a, case .int(let b) = b { return a < b }
        return a.decimal < b.decimal
    }
}
