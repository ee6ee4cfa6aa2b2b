package import JSON

/// A value of the language (AWS IoT SQL reference, "Data types").
///
/// A number is an Int when it is `.int`, or a `.decimal` with exponent 0: one of up to 34 digits that `Int64` does not hold. Every other
/// `.decimal` is a Decimal. `SQLDialect` makes all numbers, and brings those inside arrays and objects into the same form. Undefined
/// is never inside an array or object.
package enum SQLValue: Sendable, Hashable {
    case undefined
    case null
    case bool(Bool)
    case int(Int64)
    case decimal(JSONDecimal)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// A value in canonical form: of an array, an object or a payload that `SQLDialect.canonical` has seen.
    @inline(__always)
    init(_ json: JSONValue) {
        self =
            switch json {
            case .null: .null
            case .bool(let value): .bool(value)
            case .int(let value): .int(value)
            case .decimal(let value): .decimal(value)
            case .string(let value): .string(value)
            case .array(let values): .array(values)
            case .object(let object): .object(object)
            }
    }

    /// Nil for Undefined.
    package var json: JSONValue? {
        switch self {
        case .undefined: nil
        case .null: .null
        case .bool(let value): .bool(value)
        case .int(let value): .int(value)
        case .decimal(let value): .decimal(value)
        case .string(let value): .string(value)
        case .array(let values): .array(values)
        case .object(let object): .object(object)
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    var isNull: Bool {
        if case .null = self { true } else { false }
    }
}

extension SQLValue {
    /// The `=` operator; nil, which is Undefined, when either side is. Values of different types are not equal; Int and Decimal are
    /// one type here.
    func equals(_ other: SQLValue) -> Bool? {
        switch (self, other) {
        case (.undefined, _), (_, .undefined): nil
        case (.int(let a), .int(let b)): a == b
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        // `JSONValue` compares by the same rules, in depth.
        default: self.json == other.json
        }
    }
}
