import JSON

/// What a KeyConditionExpression means for a table: one hash key, and bounds for the range keys.
struct KeyCondition: Sendable, Hashable {
    let hash: [UInt8]
    private(set) var bounds = DynamoDBTables.RangeBounds()

    init(_ condition: Condition, _ schema: DynamoDBKeySchema) throws {
        let parts: [Condition] = if case .all(let parts) = condition { parts } else { [condition] }
        guard parts.count <= 2 else { throw Self.notSupported }
        var hash: [UInt8]?
        var rest: [Condition] = []
        for part in parts {
            if hash == nil, case .compare(.path(let path), .equal, .value(let value)) = part, path.steps.isEmpty,
                path.name == schema.hash.name
            {
                hash = try Self.bytes(value, schema.hash)
            } else {
                rest.append(part)
            }
        }
        guard let hash else {
            guard !rest.contains(where: { $0.names(schema.hash.name) }) else { throw Self.notSupported }
            throw DynamoDBError.validation("Query condition missed key schema element: \(schema.hash.name)")
        }
        self.hash = hash
        guard let other = rest.first else { return }
        guard let range = schema.range, rest.count == 1 else { throw Self.notSupported }
        self.bounds = try Self.bounds(other, range)
    }

    private static let notSupported = DynamoDBError.validation("Query key condition not supported")

    private static func bounds(_ condition: Condition, _ part: DynamoDBKeySchema.Part) throws -> DynamoDBTables.RangeBounds {
        func bytes(_ operand: Condition.Operand, _ value: Condition.Operand) throws -> [UInt8] {
            guard case .path(let path) = operand, path.steps.isEmpty, case .value(let value) = value else { throw Self.notSupported }
            guard path.name == part.name else {
                throw DynamoDBError.validation("Query condition missed key schema element: \(part.name)")
            }
            return try Self.bytes(value, part)
        }
        // The bytes right behind a key are its own and a zero.
        switch condition {
        case .compare(let operand, let comparison, let value):
            let key = try bytes(operand, value)
            switch comparison {
            case .equal: return .init(lower: key, upper: key + [0])
            case .less: return .init(upper: key)
            case .lessOrEqual: return .init(upper: key + [0])
            case .greater: return .init(lower: key + [0])
            case .greaterOrEqual: return .init(lower: key)
            case .unequal: throw Self.notSupported
            }
        case .between(let operand, let low, let high):
            let (lower, upper) = (try bytes(operand, low), try bytes(operand, high))
            guard !upper.lexicographicallyPrecedes(lower) else {
                throw DynamoDBError.validation(
                    "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound")
            }
            return .init(lower: lower, upper: upper + [0])
        case .beginsWith(let operand, let prefix):
            guard part.type != "N" else { throw Self.notSupported }
            let key = try bytes(operand, prefix)
            return .init(lower: key, upper: Self.successor(of: key))
        default: throw Self.notSupported
        }
    }

    private static func bytes(_ value: JSONValue, _ part: DynamoDBKeySchema.Part) throws -> [UInt8] {
        guard DynamoDBValue.parts(value).type == part.type, let bytes = DynamoDBValue.sortable(value) else {
            throw DynamoDBError.validation(
                "One or more parameter values were invalid: Condition parameter type does not match schema type")
        }
        return bytes
    }

    /// The least bytes behind all that begin with these.
    private static func successor(of bytes: [UInt8]) -> [UInt8]? {
        var bytes = bytes
        while let last = bytes.popLast() {
            if last < 0xFF { return bytes + [last + 1] }
        }
        return nil
    }
}

extension Condition {
    /// Whether it is about this attribute.
    fileprivate func names(_ attribute: String) -> Bool {
        switch self {
        case .compare(.path(let path), _, _), .between(.path(let path), _, _), .beginsWith(.path(let path), _): path.name == attribute
        default: false
        }
    }
}
