import JSON

/// A parsed condition: a filter, a condition of a write, or that of a key.
indirect enum Condition: Sendable, Hashable {
    enum Operand: Sendable, Hashable {
        case path(DocumentPath)
        case value(JSONValue)
        case size(DocumentPath)
    }

    enum Comparison: String, Sendable {
        case equal = "="
        case unequal = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
    }

    case compare(Operand, Comparison, Operand)
    case between(Operand, Operand, Operand)
    case among(Operand, [Operand])
    case exists(DocumentPath)
    case hasType(DocumentPath, Operand)
    case beginsWith(Operand, Operand)
    case contains(Operand, Operand)
    case not(Condition)
    case all([Condition])
    case any([Condition])

    /// Recurses as deep as the expression nests.
    func holds(for item: JSONObject) -> Bool {
        switch self {
        case .compare(let left, let comparison, let right):
            Self.compare(left.value(in: item), comparison, right.value(in: item))
        case .between(let operand, let low, let high):
            Self.compare(operand.value(in: item), .greaterOrEqual, low.value(in: item))
                && Self.compare(operand.value(in: item), .lessOrEqual, high.value(in: item))
        case .among(let operand, let values):
            values.contains { Self.compare(operand.value(in: item), .equal, $0.value(in: item)) }
        case .exists(let path): path.value(in: item) != nil
        case .hasType(let path, let type):
            path.value(in: item).map {
                .string(DynamoDBValue.parts($0).type) == type.value(in: item).map { DynamoDBValue.parts($0).content }
            }
                ?? false
        case .beginsWith(let operand, let prefix): Self.begins(operand.value(in: item), with: prefix.value(in: item))
        case .contains(let operand, let part): Self.contains(operand.value(in: item), part.value(in: item))
        case .not(let condition): !condition.holds(for: item)
        case .all(let conditions): conditions.allSatisfy { $0.holds(for: item) }
        case .any(let conditions): conditions.contains { $0.holds(for: item) }
        }
    }

    /// What is not there equals nothing and is unequal to everything; values of different kinds have no order.
    private static func compare(_ left: JSONValue?, _ comparison: Comparison, _ right: JSONValue?) -> Bool {
        switch comparison {
        case .equal: left != nil && left == right
        case .unequal: left != right
        case .less, .lessOrEqual, .greater, .greaterOrEqual:
            if let left, let right, let before = DynamoDBValue.precedes(left, right), let after = DynamoDBValue.precedes(right, left) {
                switch comparison {
                case .less: before
                case .lessOrEqual: !after
                case .greater: after
                default: !before
                }
            } else {
                false
            }
        }
    }

    private static func begins(_ value: JSONValue?, with prefix: JSONValue?) -> Bool {
        guard let value, let prefix, ["S", "B"].contains(DynamoDBValue.parts(value).type),
            DynamoDBValue.parts(value).type == DynamoDBValue.parts(prefix).type, let whole = DynamoDBValue.sortable(value),
            let start = DynamoDBValue.sortable(prefix)
        else { return false }
        return whole.starts(with: start)
    }

    private static func contains(_ value: JSONValue?, _ part: JSONValue?) -> Bool {
        guard let value, let part else { return false }
        let (type, content) = DynamoDBValue.parts(value)
        let (partType, partContent) = DynamoDBValue.parts(part)
        switch (type, content) {
        case ("S", _), ("B", _):
            guard type == partType, let whole = DynamoDBValue.sortable(value), let wanted = DynamoDBValue.sortable(part) else {
                return false
            }
            return wanted.isEmpty || whole.firstRange(of: wanted) != nil
        case ("L", .array(let items)): return items.contains(part)
        case ("SS", .array(let items)), ("NS", .array(let items)), ("BS", .array(let items)):
            return type == partType + "S" && items.contains(partContent)
        default: return false
        }
    }
}

extension Condition.Operand {
    func value(in item: JSONObject) -> JSONValue? {
        switch self {
        case .path(let path): return path.value(in: item)
        case .value(let value): return value
        case .size(let path):
            guard let value = path.value(in: item) else { return nil }
            let count: Int
            switch DynamoDBValue.parts(value) {
            case ("S", .string(let text)): count = text.unicodeScalars.count
            case ("B", _): count = DynamoDBValue.sortable(value)?.count ?? 0
            case (_, .array(let items)): count = items.count
            case (_, .object(let members)): count = members.count
            default: return nil
            }
            return .object(["N": .string(String(count))])
        }
    }
}
