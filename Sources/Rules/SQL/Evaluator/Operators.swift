import JSON

/// Operators on values (AWS IoT SQL reference, "Operators"). What does not fit is Undefined; nothing fails.
enum Operators {
    static func compare(_ operation: ComparisonOperator, _ left: SQLValue, _ right: SQLValue, _ dialect: SQLDialect) -> SQLValue {
        switch operation {
        case .equal: return left.equals(right).map { .bool($0) } ?? .undefined
        case .notEqual: return left.equals(right).map { .bool(!$0) } ?? .undefined
        case .less, .lessOrEqual, .greater, .greaterOrEqual: break
        }
        // Strings are compared as the numbers they spell; there is no order of texts.
        guard let a = dialect.number(left), let b = dialect.number(right) else { return .undefined }
        return switch operation {
        case .less: .bool(a < b)
        case .greater: .bool(b < a)
        case .lessOrEqual: .bool(!(b < a))
        default: .bool(!(a < b))
        }
    }

    static func arithmetic(_ operation: ArithmeticOperator, _ left: SQLValue, _ right: SQLValue, _ dialect: SQLDialect) -> SQLValue {
        guard let a = dialect.number(left), let b = dialect.number(right) else { return .undefined }
        if case .int(let a) = a, case .int(let b) = b, let result = self.integers(operation, a, b, dialect) { return result }
        let isWhole = a.isInt && b.isInt
        let x = a.decimal
        let y = b.decimal
        switch operation {
        case .add: return self.result(x.adding(y), isWhole, dialect)
        case .subtract: return self.result(x.subtracting(y), isWhole, dialect)
        case .multiply: return self.result(x.multiplied(by: y), isWhole, dialect)
        case .remainder: return self.result(x.remainder(dividingBy: y), isWhole, dialect)
        case .divide:
            guard isWhole else { return dialect.decimal(x.divided(by: y)) }
            // Dividing what remains-free is leaves no digit to round, so that the truncated quotient is the exact one.
            let rest = x.remainder(dividingBy: y)
            if dialect.options.integerDivision == .exactWhenWhole && rest?.isZero != true { return dialect.decimal(x.divided(by: y)) }
            return dialect.whole(rest.flatMap { x.subtracting($0) }?.divided(by: y))
        }
    }

    private static func result(_ value: JSONDecimal?, _ isWhole: Bool, _ dialect: SQLDialect) -> SQLValue {
        isWhole ? dialect.whole(value) : dialect.decimal(value)
    }

    /// Nil when the result is too large for a word.
    @inline(__always)
    private static func integers(_ operation: ArithmeticOperator, _ a: Int64, _ b: Int64, _ dialect: SQLDialect) -> SQLValue? {
        let (value, isOverflow): (Int64, Bool)
        switch operation {
        case .add: (value, isOverflow) = a.addingReportingOverflow(b)
        case .subtract: (value, isOverflow) = a.subtractingReportingOverflow(b)
        case .multiply: (value, isOverflow) = a.multipliedReportingOverflow(by: b)
        case .remainder:
            if b == 0 { return .undefined }
            // The one overflow, smallest / -1, has remainder 0.
            value = a.remainderReportingOverflow(dividingBy: b).partialValue
            isOverflow = false
        case .divide:
            if b == 0 { return .undefined }
            if dialect.options.integerDivision == .exactWhenWhole && a.remainderReportingOverflow(dividingBy: b).partialValue != 0 {
                return dialect.decimal(JSONDecimal(a).divided(by: JSONDecimal(b)))
            }
            (value, isOverflow) = a.dividedReportingOverflow(by: b)
        }
        return isOverflow ? nil : .int(value)
    }

    static func negate(_ value: SQLValue, _ dialect: SQLDialect) -> SQLValue {
        switch dialect.number(value) {
        case .int(let int):
            let (negated, isOverflow) = (0 as Int64).subtractingReportingOverflow(int)
            return isOverflow ? dialect.whole(-JSONDecimal(int)) : .int(negated)
        case .decimal(let decimal): return decimal.exponent == 0 ? dialect.whole(-decimal) : dialect.decimal(-decimal)
        case nil: return .undefined
        }
    }

    /// The sign `+`.
    static func number(_ value: SQLValue, _ dialect: SQLDialect) -> SQLValue {
        switch dialect.number(value) {
        case .int(let int): .int(int)
        case .decimal(let decimal): .decimal(decimal)
        case nil: .undefined
        }
    }
}
