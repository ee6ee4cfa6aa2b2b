import JSON

/// One place in which two documents differ.
struct JSONDifference: Sendable, Equatable {
    enum Change: Sendable, Equatable {
        case added(JSONValue)
        case removed(JSONValue)
        case replaced(JSONValue, by: JSONValue)
    }

    let path: JSONPath
    let change: Change

    var isRemoval: Bool {
        if case .removed = self.change { true } else { false }
    }

    /// What turns `old` into `new`: first what was there before, in its order, then what is new. Objects are compared key by key, and one
    /// that is new is told leaf by leaf; arrays are values. Recurses as deep as the documents nest, which their parsing bounds.
    static func between(_ old: JSONObject, _ new: JSONObject, below path: JSONPath = JSONPath()) -> [JSONDifference] {
        var found: [JSONDifference] = []
        for (key, before) in old {
            let path = path.appending(key)
            guard let after = new[key] else {
                found.append(JSONDifference(path: path, change: .removed(before)))
                continue
            }
            if case .object(let before) = before, case .object(let after) = after {
                found += Self.between(before, after, below: path)
            } else if before != after {
                found.append(JSONDifference(path: path, change: .replaced(before, by: after)))
            }
        }
        for (key, value) in new where !old.contains(key) {
            found += Self.leaves(of: value, at: path.appending(key))
        }
        return found
    }

    private static func leaves(of value: JSONValue, at path: JSONPath) -> [JSONDifference] {
        guard case .object(let object) = value, !object.isEmpty else { return [JSONDifference(path: path, change: .added(value))] }
        return object.flatMap { Self.leaves(of: $0.value, at: path.appending($0.key)) }
    }
}

/// A place in a document: the keys that lead to it.
struct JSONPath: Sendable, Hashable, CustomStringConvertible {
    private(set) var keys: [String] = []

    func appending(_ key: String) -> JSONPath {
        var path = self
        path.keys.append(key)
        return path
    }

    /// `desired.led`; a key that is no plain word stands in quotes: `desired."a.b"`.
    var description: String { self.keys.map(Self.text).joined(separator: ".") }

    private static func text(_ key: String) -> String {
        let isPlain =
            !key.isEmpty
            && key.utf8.allSatisfy { byte in
                switch byte {
                case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2D, 0x5F, 0x3A, 0x24: true
                default: false
                }
            }
        return isPlain ? key : ValueText.whole(.string(key))
    }
}
