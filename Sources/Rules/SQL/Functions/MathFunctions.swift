import JSON

/// Exact arithmetic. Arguments are numbers or strings that spell one; others make Undefined.
enum MathFunctions {
    static let all: [SQLFunction] = [
        exact("abs") { value, dialect in value.isNegative ? Operators.negate(.init(value), dialect) : .init(value) },
        whole("ceil", .ceiling),
        whole("floor", .floor),
        whole("round", .halfAwayFromZero),
        exact("sign") { value, _ in
            let decimal = value.decimal
            return .int(decimal.isZero ? 0 : decimal.isNegative ? -1 : 1)
        },
        remainder("mod"),
        remainder("remainder"),
        SQLFunction("trunc", 2...2) { evaluation, arguments throws(EvaluationStop) in
            let dialect = evaluation.dialect
            guard let value = dialect.number(arguments[0]), let places = dialect.index(arguments[1]) else { return .undefined }
            if value.isInt { return .init(value) }
            let shown = min(max(places, 0), JSONDecimal.maxDigits)
            return dialect.decimal(value.decimal.rounded(toPlaces: shown, .towardZero).trimmingZeros(upTo: 0))
        },
        SQLFunction("nanvl", 2...2) { evaluation, arguments throws(EvaluationStop) in
            // No operation makes a NaN here: what would be one is Undefined. The text of a device's may say so.
            switch arguments[0] {
            case .undefined, .null: arguments[1]
            case .string(let text) where text.utf8.count == 3 && text.lowercased() == "nan": arguments[1]
            default: arguments[0]
            }
        },
    ]

    private static func exact(
        _ name: String, _ compute: @escaping @Sendable (SQLNumber, SQLDialect) -> SQLValue
    ) -> SQLFunction {
        SQLFunction(name, 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let value = evaluation.dialect.number(arguments[0]) else { return .undefined }
            return compute(value, evaluation.dialect)
        }
    }

    private static func whole(_ name: String, _ rounding: DecimalRounding) -> SQLFunction {
        self.exact(name) { value, dialect in
            value.isInt ? .init(value) : dialect.whole(value.decimal.rounded(rounding))
        }
    }

    private static func remainder(_ name: String) -> SQLFunction {
        SQLFunction(name, 2...2) { evaluation, arguments throws(EvaluationStop) in
            Operators.arithmetic(.remainder, arguments[0], arguments[1], evaluation.dialect)
        }
    }
}

extension SQLNumber {
    fileprivate var isNegative: Bool {
        switch self {
        case .int(let value): value < 0
        case .decimal(let value): value.isNegative
        }
    }
}

extension SQLValue {
    init(_ number: SQLNumber) {
        self =
            switch number {
            case .int(let value): .int(value)
            case .decimal(let value): .decimal(value)
            }
    }
}
