import JSON

extension Evaluation {
    /// `cast(value AS type)`: the implicit conversions, and those between Booleans and numbers.
    mutating func cast(_ value: SQLValue, to type: CastType) throws(EvaluationStop) -> SQLValue {
        switch type {
        case .string:
            guard let text = try self.text(value) else { return .undefined }
            return try self.made(text)
        case .int:
            if case .bool(let bool) = value { return .int(bool ? 1 : 0) }
            return self.dialect.whole(self.floored(value))
        case .decimal:
            if case .bool(let bool) = value { return self.dialect.decimal(JSONDecimal(bool ? 1 : 0)) }
            switch self.dialect.number(value) {
            // A Decimal of 2015-10-08 has its fraction; later ones are Ints when whole.
            case .int(let int): return self.dialect.decimal(JSONDecimal(int))
            case .decimal(let decimal): return self.dialect.decimal(decimal)
            case nil: return .undefined
            }
        case .boolean:
            switch value {
            case .int(let int): return .bool(int != 0)
            case .decimal(let decimal): return .bool(!decimal.isZero)
            default: return self.dialect.boolean(value).map { .bool($0) } ?? .undefined
            }
        }
    }

    /// Decimals go down; strings are read and truncated.
    private func floored(_ value: SQLValue) -> JSONDecimal? {
        if case .decimal(let decimal) = value { return decimal.rounded(.floor) }
        return self.dialect.integer(value)
    }
}
