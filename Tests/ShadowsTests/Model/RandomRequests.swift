import JSON

@testable import Shadows

/// Requests that meet each other often: few keys, few values.
struct RandomRequests {
    var generator: Generator

    /// A request, and for an update what it says.
    enum Request: Sendable {
        case get
        case delete
        case update(state: JSONValue, version: Int64?)
    }

    /// - Parameter known: a version of the shadow that is or was current.
    mutating func next(known: Int64) -> Request {
        switch self.generator.number(0..<100) {
        case 0..<25: return .get
        case 25..<29: return .delete
        default:
            let version = self.generator.once(in: 6) ? max(0, known + self.generator.pick([-1, 0, 0, 0, 1, -known])) : nil
            return .update(state: self.state(), version: version)
        }
    }

    private mutating func state() -> JSONValue {
        if self.generator.once(in: 40) { return .null }
        var state = JSONObject()
        for section in ["desired", "reported"] where !self.generator.once(in: 3) {
            state[section] = self.generator.once(in: 25) ? .null : .object(self.object(depth: 3, mayHaveNull: true))
        }
        return .object(state)
    }

    private mutating func object(depth: Int, mayHaveNull: Bool) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<self.generator.number(0..<3) {
            object[self.generator.pick(["a", "b", "c", "d.e"])] = self.value(depth: depth - 1, mayHaveNull: mayHaveNull)
        }
        return object
    }

    private mutating func value(depth: Int, mayHaveNull: Bool) -> JSONValue {
        switch self.generator.number(0..<12) {
        case 0..<2 where mayHaveNull: return .null
        case 0..<7:
            let scalars: [JSONValue] = [0, 1, 1.0, 2.50, 9_007_199_254_740_993, true, "x", "", .array([]), .object([:])]
            return self.generator.pick(scalars)
        case 7..<11 where depth > 0: return .object(self.object(depth: depth, mayHaveNull: mayHaveNull))
        default:
            if depth == 0 { return 1 }
            return .array((0..<self.generator.number(0..<3)).map { _ in self.value(depth: depth - 1, mayHaveNull: false) })
        }
    }
}

extension RandomRequests.Request {
    func operation() throws -> ShadowRequest.Operation {
        switch self {
        case .get: return .get
        case .delete: return .delete
        case .update(let state, let version):
            var request: JSONObject = ["state": state]
            request["version"] = version.map(JSONValue.int)
            return .update(try ShadowChange(parsing: JSONValue.object(request).serializedBytes(), limits: .aws))
        }
    }
}
