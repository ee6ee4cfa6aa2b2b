/// The operator of a condition: `ForAllValues:StringNotEqualsIfExists` and the like (IAM, "Condition operators").
struct ConditionOperator: Sendable, Hashable {
    enum Comparison: Sendable, Hashable {
        case stringEquals
        case stringEqualsIgnoreCase
        case stringLike
        case numeric(Order)
        case date(Order)
        case bool
        case ipAddress
        case arn
        case null
    }

    /// How the request's value stands to the policy's.
    enum Order: Sendable, Hashable {
        case equal
        case less
        case lessOrEqual
        case greater
        case greaterOrEqual

        func holds<Value: Comparable>(_ value: Value, _ limit: Value) -> Bool {
            switch self {
            case .equal: value == limit
            case .less: value < limit
            case .lessOrEqual: value <= limit
            case .greater: value > limit
            case .greaterOrEqual: value >= limit
            }
        }
    }

    enum Quantifier: Sendable, Hashable {
        case none
        case forAllValues
        case forAnyValue
    }

    let comparison: Comparison
    /// …NotEquals, …NotLike, NotIpAddress.
    let isNegated: Bool
    let quantifier: Quantifier
    /// …IfExists: holds when the key is missing.
    let ifExists: Bool

    /// Nil when there is no such operator.
    init?(_ name: String) {
        var rest = Substring(name)
        if rest.hasPrefix("ForAllValues:") {
            self.quantifier = .forAllValues
            rest = rest.dropFirst("ForAllValues:".count)
        } else if rest.hasPrefix("ForAnyValue:") {
            self.quantifier = .forAnyValue
            rest = rest.dropFirst("ForAnyValue:".count)
        } else {
            self.quantifier = .none
        }
        self.ifExists = rest.hasSuffix("IfExists")
        if self.ifExists { rest = rest.dropLast("IfExists".count) }
        guard let (comparison, isNegated) = Self.comparisons[String(rest)] else { return nil }
        // "Null" asks whether the key exists, so neither addition has a meaning.
        if comparison == .null && (self.ifExists || self.quantifier != .none) { return nil }
        self.comparison = comparison
        self.isNegated = isNegated
    }

    /// Whether its values may contain policy variables.
    var takesVariables: Bool {
        switch self.comparison {
        case .stringEquals, .stringEqualsIgnoreCase, .stringLike, .arn: true
        case .numeric, .date, .bool, .ipAddress, .null: false
        }
    }

    private static let comparisons: [String: (Comparison, Bool)] = {
        var table: [String: (Comparison, Bool)] = [
            "StringEquals": (.stringEquals, false), "StringNotEquals": (.stringEquals, true),
            "StringEqualsIgnoreCase": (.stringEqualsIgnoreCase, false), "StringNotEqualsIgnoreCase": (.stringEqualsIgnoreCase, true),
            "StringLike": (.stringLike, false), "StringNotLike": (.stringLike, true),
            // Binary values are base64 text, which has one form.
            "BinaryEquals": (.stringEquals, false),
            "Bool": (.bool, false), "IpAddress": (.ipAddress, false), "NotIpAddress": (.ipAddress, true), "Null": (.null, false),
            // "ArnEquals and ArnLike behave identically."
            "ArnEquals": (.arn, false), "ArnLike": (.arn, false), "ArnNotEquals": (.arn, true), "ArnNotLike": (.arn, true),
        ]
        let orders: [(String, Order, Bool)] = [
            ("Equals", .equal, false), ("NotEquals", .equal, true), ("LessThan", .less, false), ("LessThanEquals", .lessOrEqual, false),
            ("GreaterThan", .greater, false), ("GreaterThanEquals", .greaterOrEqual, false),
        ]
        for (suffix, order, isNegated) in orders {
            table["Numeric" + suffix] = (.numeric(order), isNegated)
            table["Date" + suffix] = (.date(order), isNegated)
        }
        return table
    }()
}
