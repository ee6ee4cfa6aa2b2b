import JSON

extension Evaluation {
    /// The name under which a payload that is no object stands beside the other items of `SELECT *, …`. AWS names none.
    private static let payloadKey = "payload"

    /// A nested SELECT: over an array an array, over an object one result; Undefined over anything else.
    mutating func value(of query: Query) throws(EvaluationStop) -> SQLValue {
        switch try self.value(of: query.source) {
        case .array(let elements):
            var results: [JSONValue] = []
            for index in elements.indices {
                guard let result = try self.result(of: query, at: SQLValue(elements[index])).json else { continue }
                try self.chargeSize(of: result)
                results.append(result)
            }
            return .array(results)
        case .object(let object): return try self.result(of: query, at: .object(object))
        case .undefined, .null, .bool, .int, .decimal, .string: return .undefined
        }
    }

    /// Undefined when WHERE is not true.
    private mutating func result(of query: Query, at element: SQLValue) throws(EvaluationStop) -> SQLValue {
        try self.budget.step()
        self.frames.append(element)
        // After a stop nobody looks at the frames.
        if let condition = query.condition, self.dialect.boolean(try self.value(of: condition)) != true {
            self.frames.removeLast()
            return .undefined
        }
        let result = try self.value(of: query.selection)
        self.frames.removeLast()
        return result
    }

    mutating func exists(_ query: Query) throws(EvaluationStop) -> SQLValue {
        switch try self.value(of: query) {
        case .array(let values): .bool(!values.isEmpty)
        case .undefined: .bool(false)
        case .null, .bool, .int, .decimal, .string, .object: .bool(true)
        }
    }

    mutating func value(of selection: Selection) throws(EvaluationStop) -> SQLValue {
        if selection.isValue { return try self.value(of: selection.items[0].expression) }
        var object = JSONObject()
        for item in selection.items {
            let value = try self.value(of: item.expression)
            if item.outputPath.isEmpty {
                try self.addAll(value, to: &object)
            } else if let json = value.json {
                try self.chargeSize(of: json)
                Self.set(json, at: item.outputPath[...], in: &object)
            }
        }
        return .object(object)
    }

    /// `*` without alias.
    private mutating func addAll(_ value: SQLValue, to object: inout JSONObject) throws(EvaluationStop) {
        guard let json = value.json else { return }
        try self.chargeSize(of: json)
        guard case .object(let members) = json else {
            object.updateValue(json, forKey: Self.payloadKey)
            return
        }
        if object.isEmpty {
            object = members
        } else {
            for (key, value) in members { object.updateValue(value, forKey: key) }
        }
    }

    /// `AS a.b` makes objects on its way; what is no object there makes room for one. At most `SQLLimits.maxAliasSegments` deep.
    private static func set(_ value: JSONValue, at path: ArraySlice<String>, in object: inout JSONObject) {
        guard let name = path.first else { return }
        if path.count == 1 {
            object.updateValue(value, forKey: name)
            return
        }
        // Taken out while it changes, or each change would copy it.
        var inner = object.updateValue(.null, forKey: name)?.objectValue ?? JSONObject()
        self.set(value, at: path.dropFirst(), in: &inner)
        object.updateValue(.object(inner), forKey: name)
    }
}
