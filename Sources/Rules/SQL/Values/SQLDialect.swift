import JSON

/// How numbers look in a version of the language, and the choices of `SQLOptions`.
struct SQLDialect: Sendable {
    /// The range of Decimal: 1E-999 … 9.99E999. What an operator computes outside of it is Undefined.
    static let exponents = -999...999

    let version: SQLVersion
    let options: SQLOptions

    /// The result of a computation with a Decimal in it. From 2016-03-23 on it is an Int when it is whole.
    func decimal(_ value: JSONDecimal?) -> SQLValue {
        guard let value else { return .undefined }
        guard Self.exponents.contains(value.leadingExponent) else { return .undefined }
        return .init(self.canonical(value))
    }

    /// A whole result of Ints; past 34 digits it is rounded and a Decimal.
    func whole(_ value: JSONDecimal?) -> SQLValue {
        guard let value else { return .undefined }
        if let int = value.int64 { return .int(int) }
        if let digits = value.asWholeDigits { return .decimal(digits) }
        return self.decimal(value)
    }

    /// The result of a function of double precision.
    func double(_ value: Double) -> SQLValue { self.decimal(JSONDecimal(value)) }

    /// A decimal as it appears among values: an Int if it is whole, or, in 2015-10-08, with a fraction if it has been a Decimal.
    private func canonical(_ value: JSONDecimal) -> JSONValue {
        if self.version.isModern {
            // Only a value without fraction digits, or with zeros there, is whole.
            if value.exponent < 0 && value.coefficient % 10 != 0 { return .decimal(value) }
            if let int = value.int64 { return .int(int) }
            return .decimal(value.asWholeDigits ?? value)
        }
        // Exponent 0 is the mark of an Int.
        guard value.exponent == 0 else { return .decimal(value) }
        let (coefficient, isTooLong) = value.coefficient.multipliedReportingOverflow(by: 10)
        if isTooLong { return .decimal(value) }
        return .decimal(JSONDecimal(isNegative: value.isNegative, coefficient: coefficient, exponent: -1) ?? value)
    }

    /// A value from outside (a payload, a decoded text, a service's answer) in the form in which values are held.
    func canonical(_ json: JSONValue) -> JSONValue { self.isCanonical(json) ? json : self.rewritten(json) }

    /// 2015-10-08 keeps numbers as they were written, which is canonical for it.
    private func isCanonical(_ json: JSONValue) -> Bool {
        guard self.version.isModern else { return true }
        switch json {
        case .null, .bool, .int, .string: return true
        case .decimal(let value): return value.exponent == 0 || !value.isWhole
        case .array(let values):
            // By index: iterating copies each element.
            for index in values.indices where !self.isCanonical(values[index]) { return false }
            return true
        case .object(let object): return object.allSatisfy { self.isCanonical($0.value) }
        }
    }

    private func rewritten(_ json: JSONValue) -> JSONValue {
        switch json {
        case .null, .bool, .int, .string: json
        case .decimal(let value): self.canonical(value)
        case .array(let values): .array(values.map(self.rewritten))
        case .object(let object): .object(JSONObject(object.map { ($0.key, self.rewritten($0.value)) }))
        }
    }
}
