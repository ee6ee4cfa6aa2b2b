import JSON

/// A part of a shadow, written to be plainly right rather than fast: one tree whose leaves carry their own stamps.
///
/// Shares nothing with the service but the JSON value.
enum ModelNode {
    /// Anything but an object; arrays are leaves, for they are never merged.
    case leaf(JSONValue, stamp: Int64)
    case branch([String: ModelNode])

    /// Merges a change into a node or into nothing. Nil when the change is a null.
    static func merge(_ change: JSONValue, into old: ModelNode?, at time: Int64) -> ModelNode? {
        switch change {
        case .null: return nil
        case .object(let members):
            var children: [String: ModelNode] = [:]
            if case .branch(let existing)? = old { children = existing }
            for (key, value) in members { children[key] = self.merge(value, into: children[key], at: time) }
            return .branch(children)
        default: return .leaf(change, stamp: time)
        }
    }

    /// What is wanted here and not reported there; nil when nothing is.
    func difference(to reported: ModelNode?) -> ModelNode? {
        switch (self, reported) {
        case (_, nil): return self
        case (.leaf(let wanted, _), .leaf(let found, _)?): return wanted == found ? nil : self
        case (.leaf, .branch?), (.branch, .leaf?): return self
        case (.branch(let wanted), .branch(let found)?):
            var children: [String: ModelNode] = [:]
            for (key, child) in wanted { children[key] = child.difference(to: found[key]) }
            return children.isEmpty ? nil : .branch(children)
        }
    }

    var isEmptyBranch: Bool {
        if case .branch(let children) = self { children.isEmpty } else { false }
    }

    // MARK: As JSON

    var value: JSONValue {
        switch self {
        case .leaf(let value, _): value
        case .branch(let children): .object(JSONObject(children.map { ($0.key, $0.value.value) }))
        }
    }

    var metadata: JSONValue {
        switch self {
        case .leaf(let value, let stamp): Self.stamps(of: value, stamp)
        case .branch(let children): .object(JSONObject(children.map { ($0.key, $0.value.metadata) }))
        }
    }

    private static func stamps(of value: JSONValue, _ stamp: Int64) -> JSONValue {
        switch value {
        case .array(let elements): .array(elements.map { self.stamps(of: $0, stamp) })
        case .object(let members): .object(JSONObject(members.map { ($0.key, self.stamps(of: $0.value, stamp)) }))
        default: .object(["timestamp": .int(stamp)])
        }
    }
}

/// Whether two values differ in nothing but the order of keys; other than for `==`, `1` and `1.0` do differ.
func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a, b) {
    case (.object(let a), .object(let b)):
        a.count == b.count && a.allSatisfy { member in b[member.key].map { isSame(member.value, $0) } ?? false }
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy(isSame)
    case (.int, .decimal), (.decimal, .int): false
    case (.decimal(let a), .decimal(let b)): a.description == b.description
    default: a == b
    }
}

/// The same for values that may be missing.
func isSame(_ a: JSONValue?, _ b: JSONValue?) -> Bool {
    switch (a, b) {
    case (let a?, let b?): isSame(a, b)
    case (nil, nil): true
    default: false
    }
}
