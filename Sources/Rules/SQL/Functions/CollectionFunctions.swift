import JSON

enum CollectionFunctions {
    static let all: [SQLFunction] = [
        SQLFunction("get", 2...2) { evaluation, arguments throws(EvaluationStop) in try Self.get(arguments[0], arguments[1], &evaluation)
        },
        SQLFunction("transform", 3...3, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            try Self.transform(&evaluation, arguments)
        },
    ]

    /// The element, the character or the member; Undefined when there is none. Keys of objects are not converted.
    static func get(_ collection: SQLValue, _ key: SQLValue, _ evaluation: inout Evaluation) throws(EvaluationStop) -> SQLValue {
        switch collection {
        case .array(let values):
            guard let index = evaluation.dialect.index(key), values.indices.contains(index) else { return .undefined }
            return SQLValue(values[index])
        case .string(let text):
            try evaluation.budget.charge(bytes: text.utf8.count)
            guard let index = evaluation.dialect.index(key), index >= 0, let scalar = text.unicodeScalars.dropFirst(index).first else {
                return .undefined
            }
            return .string(String(scalar))
        case .object(let object):
            guard case .string(let name) = key else { return .undefined }
            return object[name].map { SQLValue($0) } ?? .undefined
        case .undefined, .null, .bool, .int, .decimal: return .undefined
        }
    }

    /// `concat` with an array among its arguments.
    static func joined(_ arguments: [SQLValue], _ evaluation: inout Evaluation) throws(EvaluationStop) -> SQLValue {
        var result: [JSONValue] = []
        for argument in arguments {
            guard let json = argument.json else { continue }
            try evaluation.chargeSize(of: json)
            if case .array(let values) = json { result += values } else { result.append(json) }
        }
        return .array(result)
    }

    /// `transform('enrichArray', attributes, objects)`: each object with the attributes behind its own members. Where both have a key the
    /// object's own value stays: AWS does not say, and to enrich is to add.
    private static func transform(_ evaluation: inout Evaluation, _ arguments: [SQLValue]) throws(EvaluationStop) -> SQLValue {
        guard case .string("enrichArray") = arguments[0], case .object(let attributes) = arguments[1],
            case .array(let elements) = arguments[2]
        else { return .undefined }
        var results: [JSONValue] = []
        results.reserveCapacity(elements.count)
        for element in elements {
            guard case .object(var object) = element else { return .undefined }
            for (key, value) in attributes where !object.contains(key) { object.updateValue(value, forKey: key) }
            try evaluation.chargeSize(of: .object(object))
            results.append(.object(object))
        }
        if JSONValue.array(results).serializedBytes().count > SQLLimits.maxTransformBytes { return .undefined }
        return .array(results)
    }
}
