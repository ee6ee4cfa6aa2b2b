/// One value of a column or a parameter. A Boolean is stored as the integers 0 and 1, a time as an integer (the column says its unit).
package enum StoreValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    package init(_ value: Int) {
        self = .integer(Int64(value))
    }

    package init(_ value: Bool) {
        self = .integer(value ? 1 : 0)
    }

    /// Null when nil.
    package init(_ value: Int64?) {
        self = value.map(StoreValue.integer) ?? .null
    }

    /// Null when nil.
    package init(_ value: Double?) {
        self = value.map(StoreValue.real) ?? .null
    }

    /// Null when nil.
    package init(_ value: String?) {
        self = value.map(StoreValue.text) ?? .null
    }

    /// Null when nil.
    package init(_ value: [UInt8]?) {
        self = value.map(StoreValue.blob) ?? .null
    }

    /// The kind's name for error messages.
    var kind: String {
        switch self {
        case .null: "NULL"
        case .integer: "an integer"
        case .real: "a real"
        case .text: "a text"
        case .blob: "a blob"
        }
    }
}

extension StoreValue: ExpressibleByNilLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
    ExpressibleByBooleanLiteral
{
    package init(nilLiteral: ()) {
        self = .null
    }

    package init(integerLiteral value: Int64) {
        self = .integer(value)
    }

    package init(floatLiteral value: Double) {
        self = .real(value)
    }

    package init(stringLiteral value: String) {
        self = .text(value)
    }

    package init(booleanLiteral value: Bool) {
        self.init(value)
    }
}
