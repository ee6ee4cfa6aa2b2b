extension JSONValue {
    package var isNull: Bool {
        if case .null = self { true } else { false }
    }

    package var boolValue: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    /// The number when it is a whole one that fits: 5 and 5.0, not 5.5.
    package var intValue: Int64? {
        switch self {
        case .int(let value): value
        case .decimal(let value): value.int64
        default: nil
        }
    }

    /// The number, exactly.
    package var decimalValue: JSONDecimal? {
        switch self {
        case .int(let value): JSONDecimal(value)
        case .decimal(let value): value
        default: nil
        }
    }

    /// The `Double` nearest to the number; infinite when none is near.
    package var doubleValue: Double? {
        switch self {
        case .int(let value): Double(value)
        case .decimal(let value): value.doubleValue
        default: nil
        }
    }

    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var arrayValue: [JSONValue]? {
        if case .array(let value) = self { value } else { nil }
    }

    package var objectValue: JSONObject? {
        if case .object(let value) = self { value } else { nil }
    }

    /// The member of that name; nil when there is none or this is not an object.
    package subscript(key: String) -> JSONValue? { self.objectValue?[key] }

    /// The element at that place; nil when there is none or this is not an array.
    package subscript(index: Int) -> JSONValue? {
        guard case .array(let values) = self, values.indices.contains(index) else { return nil }
        return values[index]
    }

    /// "null", "boolean", "number", "string", "array" or "object": for messages.
    package var kindName: String {
        switch self {
        case .null: "null"
        case .bool: "boolean"
        case .int, .decimal: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
