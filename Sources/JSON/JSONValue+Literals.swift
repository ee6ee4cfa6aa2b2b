extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    package init(nilLiteral: ()) { self = .null }

    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(integerLiteral value: Int64) { self = .int(value) }

    /// The shortest decimal that reads back as this `Double`; `.null` for an infinite literal.
    package init(floatLiteral value: Double) { self = JSONValue(value) }
}

extension JSONValue: ExpressibleByStringInterpolation, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
    package init(stringLiteral value: String) { self = .string(value) }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    /// A key that comes twice keeps its last value.
    package init(dictionaryLiteral elements: (String, JSONValue)...) { self = .object(JSONObject(elements)) }
}

extension JSONValue {
    /// The shortest decimal that reads back as this `Double`; `.null` when it is infinite or not a number, which JSON cannot say.
    package init(_ value: Double) { self = JSONDecimal(value).map { .decimal($0) } ?? .null }

    package init(_ value: Int) { self = .int(Int64(value)) }
}
