import JSON

extension Evaluation {
    /// What a value is taken for beside its text: brackets, quotes, a number's digits.
    private static let valueBytes = 8

    /// Pays for a string that an operator or function has made.
    mutating func made(_ text: String) throws(EvaluationStop) -> SQLValue {
        try self.budget.charge(bytes: text.utf8.count)
        return .string(text)
    }

    /// The conversion to a string, paid for: whoever asks for a text goes through it.
    mutating func text(_ value: SQLValue) throws(EvaluationStop) -> String? {
        switch value {
        case .string(let text):
            try self.budget.charge(bytes: text.utf8.count)
            return text
        case .array, .object: if let json = value.json { try self.chargeSize(of: json) }
        case .undefined, .null, .bool, .int, .decimal: break
        }
        return self.dialect.string(value)
    }

    /// Comparing goes through all of a text, an array or an object.
    mutating func chargeComparison(of value: SQLValue) throws(EvaluationStop) {
        switch value {
        case .array, .object: if let json = value.json { try self.chargeSize(of: json) }
        case .string(let text): try self.budget.charge(bytes: text.utf8.count)
        case .undefined, .null, .bool, .int, .decimal: break
        }
    }

    /// Pays for a value that goes into an array or object, with all that is in it: the same one may go there many times, and whoever
    /// writes the result writes it as often.
    mutating func chargeSize(of value: JSONValue) throws(EvaluationStop) {
        switch value {
        case .null, .bool, .int, .decimal: try self.budget.charge(bytes: Self.valueBytes)
        case .string(let text): try self.budget.charge(bytes: text.utf8.count + Self.valueBytes)
        case .array(let values):
            try self.budget.charge(bytes: Self.valueBytes)
            for index in values.indices { try self.chargeSize(of: values[index]) }
        case .object(let object):
            try self.budget.charge(bytes: Self.valueBytes)
            for (key, value) in object {
                try self.budget.charge(bytes: key.utf8.count)
                try self.chargeSize(of: value)
            }
        }
    }

    mutating func value(of name: Name) throws(EvaluationStop) -> SQLValue {
        switch name {
        case .payload(let name, let slot): self.payload.member(name, slot: slot, of: self.message, self.dialect)
        case .element(let name): Self.member(name, of: self.frames.last ?? .undefined)
        case .alias(_, let frame): self.frames.indices.contains(frame) ? self.frames[frame] : .undefined
        case .payloadAlias: self.payload.whole(of: self.message, self.dialect)
        case .variable(_, let index): try self.variable(index)
        }
    }

    mutating func value(of base: Expression, _ steps: [AccessStep]) throws(EvaluationStop) -> SQLValue {
        var value = try self.value(of: base)
        for step in steps {
            switch step {
            case .member(let name): value = Self.member(name, of: value)
            case .element(let index): value = try CollectionFunctions.get(value, try self.value(of: index), &self)
            }
        }
        return value
    }

    private static func member(_ name: String, of value: SQLValue) -> SQLValue {
        guard case .object(let object) = value else { return .undefined }
        return object[name].map { SQLValue($0) } ?? .undefined
    }

    mutating func value(of call: Call) throws(EvaluationStop) -> SQLValue {
        guard call.function.arity.contains(call.arguments.count) else { return .undefined }
        switch call.function.body {
        case .expressions(let body): return try body(&self, call)
        case .values(let body):
            var values: [SQLValue] = []
            values.reserveCapacity(call.arguments.count)
            for argument in call.arguments { values.append(try self.value(of: argument)) }
            return try body(&self, values)
        }
    }
}
