#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Functions that AWS computes in IEEE double precision. What is infinite or not a number is Undefined.
enum DoubleFunctions {
    static let all: [SQLFunction] = [
        one("acos", acos), one("asin", asin), one("atan", atan), one("cos", cos), one("sin", sin), one("tan", tan),
        one("cosh", cosh), one("sinh", sinh), one("tanh", tanh),
        one("exp", exp), one("ln", log), one("log", log10), one("sqrt", sqrt),
        two("atan2", atan2), two("power", pow),
        SQLFunction("rand", 0...0) { evaluation, _ throws(EvaluationStop) in
            // The top 53 bits are the digits of a double in [0, 1).
            evaluation.dialect.double(Double(evaluation.state.nextRandomNumber() >> 11) * 0x1p-53)
        },
    ]

    private static func one(_ name: String, _ compute: @escaping @Sendable (Double) -> Double) -> SQLFunction {
        SQLFunction(name, 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let value = evaluation.dialect.number(arguments[0]) else { return .undefined }
            return evaluation.dialect.double(compute(value.double))
        }
    }

    private static func two(_ name: String, _ compute: @escaping @Sendable (Double, Double) -> Double) -> SQLFunction {
        SQLFunction(name, 2...2) { evaluation, arguments throws(EvaluationStop) in
            guard let a = evaluation.dialect.number(arguments[0]), let b = evaluation.dialect.number(arguments[1]) else {
                return .undefined
            }
            return evaluation.dialect.double(compute(a.double, b.double))
        }
    }
}
