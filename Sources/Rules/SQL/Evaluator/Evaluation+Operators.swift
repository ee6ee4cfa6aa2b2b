import JSON

extension Evaluation {
    /// AND and OR of Booleans and the strings "true" and "false"; all operands are computed, and one of another type makes it Undefined.
    mutating func logical(_ operation: LogicalOperator, _ operands: [Expression]) throws(EvaluationStop) -> SQLValue {
        var result = operation == .and
        var isUndefined = false
        for operand in operands {
            guard let value = self.dialect.boolean(try self.value(of: operand)) else {
                isUndefined = true
                continue
            }
            result = operation == .and ? result && value : result || value
        }
        return isUndefined ? .undefined : .bool(result)
    }

    mutating func arithmetic(_ first: Expression, _ terms: [ArithmeticTerm]) throws(EvaluationStop) -> SQLValue {
        var result = try self.value(of: first)
        for term in terms {
            let operand = try self.value(of: term.operand)
            if term.operation == .add, let joined = try self.joined(result, operand) {
                result = joined
            } else {
                result = Operators.arithmetic(term.operation, result, operand, self.dialect)
            }
        }
        return result
    }

    /// `+` with a string on either side; nil when there is none.
    private mutating func joined(_ left: SQLValue, _ right: SQLValue) throws(EvaluationStop) -> SQLValue? {
        switch (left, right) {
        case (.string, _), (_, .string): break
        default: return nil
        }
        guard let a = try self.text(left), let b = try self.text(right) else { return .undefined }
        return try self.made(a + b)
    }

    mutating func membership(_ value: Expression, in values: Expression, isNegated: Bool) throws(EvaluationStop) -> SQLValue {
        let value = try self.value(of: value)
        guard case .array(let elements) = try self.value(of: values), let json = value.json else { return .undefined }
        for index in elements.indices {
            try self.budget.step()
            try self.chargeComparison(of: value)
            if elements[index] == json { return .bool(!isNegated) }
        }
        return .bool(isNegated)
    }

    mutating func value(of expression: CaseExpression) throws(EvaluationStop) -> SQLValue {
        let subject = try self.value(of: expression.subject)
        if subject.isUndefined { return .undefined }
        for branch in expression.branches {
            try self.chargeComparison(of: subject)
            if subject.equals(try self.value(of: branch.value)) == true { return try self.value(of: branch.result) }
        }
        guard let otherwise = expression.otherwise else { return .undefined }
        return try self.value(of: otherwise)
    }

    /// Members and elements that are Undefined are left out.
    mutating func array(_ elements: [Expression]) throws(EvaluationStop) -> SQLValue {
        var values: [JSONValue] = []
        values.reserveCapacity(elements.count)
        for element in elements {
            guard let value = try self.value(of: element).json else { continue }
            try self.chargeSize(of: value)
            values.append(value)
        }
        return .array(values)
    }

    mutating func object(_ members: [ObjectMember]) throws(EvaluationStop) -> SQLValue {
        var object = JSONObject()
        for member in members {
            guard let value = try self.value(of: member.value).json else { continue }
            try self.budget.charge(bytes: member.key.utf8.count)
            try self.chargeSize(of: value)
            object.updateValue(value, forKey: member.key)
        }
        return .object(object)
    }
}
