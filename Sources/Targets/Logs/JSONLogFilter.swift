import AWSAPI
import JSON

/// A filter pattern for events that are JSON objects (CloudWatch Logs, "Filter pattern syntax"): `{ $.clientId = "lamp*" && $.status = Failure }`.
///
/// A condition on a field that is not there is not satisfied, but for `NOT EXISTS`.
struct JSONLogFilter: Sendable {
    indirect enum Node: Sendable {
        case and([Node])
        case or([Node])
        case condition(path: [Step], Condition)
    }

    enum Step: Sendable, Hashable {
        case name(String)
        case index(Int)
    }

    enum Condition: Sendable {
        /// Parts of a text between its asterisks.
        case text([String], isEqual: Bool)
        case number(Double, Comparison)
        case bool(Bool)
        case null
        case missing
        case present
    }

    enum Comparison: String, Sendable {
        case equal = "=", unequal = "!=", less = "<", lessOrEqual = "<=", greater = ">", greaterOrEqual = ">="
    }

    private let root: Node

    /// - Parameter pattern: from its `{` on.
    init(_ pattern: Substring) throws(AWSError) {
        var parser = JSONLogFilterParser(pattern)
        self.root = try parser.parse()
    }

    func matches(_ message: String) -> Bool {
        guard let value = try? JSONValue(parsing: Array(message.utf8)), value.objectValue != nil else { return false }
        return self.root.matches(value)
    }
}

extension JSONLogFilter.Node {
    /// How deep it goes is bounded by the parser.
    fileprivate func matches(_ event: JSONValue) -> Bool {
        switch self {
        case .and(let nodes): nodes.allSatisfy { $0.matches(event) }
        case .or(let nodes): nodes.contains { $0.matches(event) }
        case .condition(let path, let condition): condition.matches(Self.value(at: path, in: event))
        }
    }

    private static func value(at path: [JSONLogFilter.Step], in event: JSONValue) -> JSONValue? {
        var value: JSONValue? = event
        for step in path {
            switch step {
            case .name(let name): value = value?.objectValue?[name]
            case .index(let index):
                let elements = value?.arrayValue ?? []
                value = elements.indices.contains(index) ? elements[index] : nil
            }
        }
        return value
    }
}

extension JSONLogFilter.Condition {
    fileprivate func matches(_ value: JSONValue?) -> Bool {
        switch self {
        case .missing: value == nil
        case .present: value != nil
        case .null: value == .null
        case .bool(let bool): value?.boolValue == bool
        case .number(let number, let comparison): (value?.doubleValue).map { comparison.holds($0, number) } ?? false
        case .text(let parts, let isEqual): (value.flatMap(Self.text)).map { Self.matches($0[...], parts) == isEqual } ?? false
        }
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .object, .array, .null: nil
        default: value.serialized()
        }
    }

    /// The first part begins the text, the last one ends it, the others come in between in order.
    private static func matches(_ text: Substring, _ parts: [String]) -> Bool {
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return text == parts.first ?? "" }
        guard text.hasPrefix(first), text.dropFirst(first.count).hasSuffix(last) else { return false }
        var rest = text.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return true
    }
}

extension JSONLogFilter.Comparison {
    fileprivate func holds(_ a: Double, _ b: Double) -> Bool {
        switch self {
        case .equal: a == b
        case .unequal: a != b
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        case .greaterOrEqual: a >= b
        }
    }
}
