/// One JSON value (RFC 8259), as every part of Roost holds it.
///
/// Numbers keep their kind: text without fraction and exponent that fits `Int64` is an `int`, every other number is a `decimal`.
/// Values compare by meaning: `1 == 1.0`, the order of an object's members does not count, and texts are equal when their
/// scalars are (`String`'s own comparison would hold "é" and "e\u{301}" for one key).
///
/// Comparing, hashing, writing and releasing a value recurse as deep as it nests. Parsed values nest at most
/// `JSONLimits.deepestNesting` levels; code that builds values adds a few levels of its own.
package enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case decimal(JSONDecimal)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)
}

extension JSONValue: Hashable {
    package static func == (a: JSONValue, b: JSONValue) -> Bool {
        switch (a, b) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.decimal(let a), .decimal(let b)): a == b
        case (.int(let int), .decimal(let decimal)), (.decimal(let decimal), .int(let int)): decimal.int64 == int
        case (.string(let a), .string(let b)): a.hasSameScalars(as: b)
        case (.array(let a), .array(let b)): a == b
        case (.object(let a), .object(let b)): a == b
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0 as UInt8)
        case .bool(let value): hasher.combine(value)
        case .int(let value): hasher.combine(value)
        case .decimal(let value): value.hash(into: &hasher)
        case .string(let value): value.hashScalars(into: &hasher)
        case .array(let values): hasher.combine(values)
        case .object(let object): hasher.combine(object)
        }
    }
}

extension JSONValue: CustomStringConvertible {
    package var description: String { self.serialized() }
}
