import JSON

/// Bit by bit on Ints of 64 bits. Decimals are floored; larger numbers make Undefined.
enum BitFunctions {
    static let all: [SQLFunction] = [
        two("bitand", &), two("bitor", |), two("bitxor", ^),
        SQLFunction("bitnot", 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let value = Self.bits(arguments[0], evaluation.dialect) else { return .undefined }
            switch evaluation.dialect.options.complement {
            case .twosComplement: return .int(~value)
            case .significantBits:
                // All ones, as many as the number has bits. A negative one has all 64.
                let mask = value == 0 ? 1 : UInt64.max >> UInt64(value.leadingZeroBitCount)
                return .int(~value & Int64(bitPattern: mask))
            }
        },
    ]

    private static func bits(_ value: SQLValue, _ dialect: SQLDialect) -> Int64? { dialect.integer(value)?.int64 }

    private static func two(_ name: String, _ compute: @escaping @Sendable (Int64, Int64) -> Int64) -> SQLFunction {
        SQLFunction(name, 2...2) { evaluation, arguments throws(EvaluationStop) in
            guard let a = self.bits(arguments[0], evaluation.dialect), let b = self.bits(arguments[1], evaluation.dialect) else {
                return .undefined
            }
            return .int(compute(a, b))
        }
    }
}
