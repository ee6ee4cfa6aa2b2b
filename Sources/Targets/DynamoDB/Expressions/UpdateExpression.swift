import JSON

/// A parsed UpdateExpression: `SET a = :v, b = b + :one REMOVE c ADD d :n DELETE e :set`.
struct UpdateExpression: Sendable {
    indirect enum Operand: Sendable {
        case path(DocumentPath)
        case value(JSONValue)
        case ifNotExists(DocumentPath, Operand)
        case listAppend(Operand, Operand)
        case sum(Operand, Operand)
        case difference(Operand, Operand)
    }

    enum Change: Sendable {
        case set(DocumentPath, Operand)
        case remove(DocumentPath)
        case add(DocumentPath, JSONValue)
        case delete(DocumentPath, JSONValue)

        var path: DocumentPath {
            switch self {
            case .set(let path, _), .remove(let path), .add(let path, _), .delete(let path, _): path
            }
        }
    }

    private(set) var changes: [Change] = []

    // MARK: Parsing

    init(_ parser: inout ExpressionParser) throws {
        var seen: Set<String> = []
        while case .word(let word) = parser.tokens.first {
            let section = word.uppercased()
            guard ["SET", "REMOVE", "ADD", "DELETE"].contains(section) else { throw parser.syntaxError }
            guard seen.insert(section).inserted else {
                throw DynamoDBError.validation(
                    "Invalid UpdateExpression: The \"\(section)\" section can only be used once in an update expression;")
            }
            parser.tokens.removeFirst()
            repeat { self.changes.append(try Self.change(section, &parser)) } while parser.take(",")
        }
        try parser.end()
        guard !self.changes.isEmpty else { throw parser.syntaxError }
        for (place, change) in self.changes.enumerated() {
            for other in self.changes[..<place] where change.path.overlaps(other.path) {
                throw DynamoDBError.validation(
                    "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; "
                        + "path one: [\(other.path.name)], path two: [\(change.path.name)]")
            }
        }
    }

    private static func change(_ section: String, _ parser: inout ExpressionParser) throws -> Change {
        let path = try parser.path()
        switch section {
        case "SET":
            try parser.demand("=")
            let left = try Self.operand(&parser, depth: 0)
            if parser.take("+") { return .set(path, .sum(left, try Self.operand(&parser, depth: 0))) }
            if parser.take("-") { return .set(path, .difference(left, try Self.operand(&parser, depth: 0))) }
            return .set(path, left)
        case "REMOVE": return .remove(path)
        default:
            guard case .valuePlaceholder(let name) = parser.tokens.first else { throw parser.syntaxError }
            parser.tokens.removeFirst()
            let value = try parser.names.value(name, kind: parser.kind)
            return section == "ADD" ? .add(path, value) : .delete(path, value)
        }
    }

    private static func operand(_ parser: inout ExpressionParser, depth: Int) throws -> Operand {
        guard depth <= DynamoDBLimits.maxExpressionDepth else { throw parser.syntaxError }
        if case .valuePlaceholder(let name) = parser.tokens.first {
            parser.tokens.removeFirst()
            return .value(try parser.names.value(name, kind: parser.kind))
        }
        guard case .word(let name) = parser.tokens.first, parser.tokens.dropFirst().first == .sign("(") else {
            return .path(try parser.path())
        }
        parser.tokens.removeFirst(2)
        let operand: Operand
        switch name {
        case "if_not_exists":
            let path = try parser.path()
            try parser.demand(",")
            operand = .ifNotExists(path, try Self.operand(&parser, depth: depth + 1))
        case "list_append":
            let left = try Self.operand(&parser, depth: depth + 1)
            try parser.demand(",")
            operand = .listAppend(left, try Self.operand(&parser, depth: depth + 1))
        default: throw DynamoDBError.validation("Invalid UpdateExpression: Invalid function name; function: \(name)")
        }
        try parser.demand(")")
        return operand
    }

    // MARK: Applying

    /// The item after all changes. What they read is the item before.
    func applied(to old: JSONObject) throws -> JSONObject {
        var item = old
        var removals: [DocumentPath] = []
        for change in self.changes {
            switch change {
            case .set(let path, let operand): try path.set(try Self.value(operand, old), in: &item)
            case .remove(let path): removals.append(path)
            case .add(let path, let value): try path.set(try Self.sum(path.value(in: old), value), in: &item)
            case .delete(let path, let value):
                guard let before = path.value(in: old) else { continue }
                if let left = try Self.without(value, in: before) { try path.set(left, in: &item) } else { removals.append(path) }
            }
        }
        // The last element of a list first, so that the places of the others stay what they were.
        for path in removals.sorted(by: Self.isBehind) { try path.remove(from: &item) }
        return item
    }

    private static func isBehind(_ left: DocumentPath, _ right: DocumentPath) -> Bool {
        for (one, two) in zip(left.steps, right.steps) {
            if case .index(let one) = one, case .index(let two) = two, one != two { return one > two }
        }
        return left.steps.count > right.steps.count
    }

    private static func value(_ operand: Operand, _ item: JSONObject) throws -> JSONValue {
        switch operand {
        case .value(let value): return value
        case .path(let path):
            guard let value = path.value(in: item) else {
                throw DynamoDBError.validation("The provided expression refers to an attribute that does not exist in the item")
            }
            return value
        case .ifNotExists(let path, let other): return try path.value(in: item) ?? Self.value(other, item)
        case .listAppend(let left, let right):
            guard case ("L", .array(let one)) = DynamoDBValue.parts(try Self.value(left, item)),
                case ("L", .array(let two)) = DynamoDBValue.parts(try Self.value(right, item))
            else { throw Self.wrongType("list_append") }
            return .object(["L": .array(one + two)])
        case .sum(let left, let right): return try Self.number(left, right, item, "+") { try $0 + $1 }
        case .difference(let left, let right): return try Self.number(left, right, item, "-") { try $0 + (-$1) }
        }
    }

    private static func number(
        _ left: Operand, _ right: Operand, _ item: JSONObject, _ sign: String,
        _ combine: (DynamoDBNumber, DynamoDBNumber) throws -> DynamoDBNumber
    ) throws -> JSONValue {
        guard case ("N", .string(let one)) = DynamoDBValue.parts(try Self.value(left, item)),
            case ("N", .string(let two)) = DynamoDBValue.parts(try Self.value(right, item))
        else { throw Self.wrongType(sign) }
        return .object(["N": .string(try combine(DynamoDBNumber(one), DynamoDBNumber(two)).text)])
    }

    private static func wrongType(_ name: String) -> any Error {
        DynamoDBError.validation("An operand in the update expression has an incorrect data type: operator or function \(name)")
    }

    /// ADD: numbers are added, sets united.
    private static func sum(_ old: JSONValue?, _ value: JSONValue) throws -> JSONValue {
        let (type, content) = DynamoDBValue.parts(value)
        guard ["N", "SS", "NS", "BS"].contains(type) else { throw Self.wrongType("ADD") }
        guard let old else { return value }
        switch (DynamoDBValue.parts(old), content) {
        case (("N", .string(let one)), .string(let two)) where type == "N":
            return .object(["N": .string(try (DynamoDBNumber(one) + DynamoDBNumber(two)).text)])
        case ((type, .array(let one)), .array(let two)):
            return try DynamoDBValue.checked(.object([type: .array(one + two.filter { !one.contains($0) })]))
        default: throw Self.wrongType("ADD")
        }
    }

    /// DELETE: members leave a set; nil when none stays.
    private static func without(_ value: JSONValue, in old: JSONValue) throws -> JSONValue? {
        guard case (let type, .array(let gone)) = DynamoDBValue.parts(value), ["SS", "NS", "BS"].contains(type),
            case (type, .array(let members)) = DynamoDBValue.parts(old)
        else { throw Self.wrongType("DELETE") }
        let left = members.filter { !gone.contains($0) }
        return left.isEmpty ? nil : .object([type: .array(left)])
    }
}
