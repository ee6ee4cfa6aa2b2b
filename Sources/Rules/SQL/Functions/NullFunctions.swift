/// Questions about Null and Undefined.
enum NullFunctions {
    static let all: [SQLFunction] = [
        SQLFunction("isnull", 1...1) { _, arguments throws(EvaluationStop) in .bool(arguments[0].isNull) },
        SQLFunction("isundefined", 1...1, isModern: true) { _, arguments throws(EvaluationStop) in .bool(arguments[0].isUndefined) },
        SQLFunction(special: "get_or_default", 1...2, isModern: true, Self.getOrDefault),
    ]

    /// The second argument, or Null without one, when the first is Undefined or Null or an external function fails in it.
    @Sendable private static func getOrDefault(_ evaluation: inout Evaluation, _ call: Call) throws(EvaluationStop) -> SQLValue {
        let frames = evaluation.frames
        do throws(EvaluationStop) {
            let value = try evaluation.value(of: call.arguments[0])
            if !value.isUndefined && !value.isNull { return value }
        } catch {
            guard case .external = error else { throw error }
            evaluation.frames = frames
        }
        return call.arguments.count == 2 ? try evaluation.value(of: call.arguments[1]) : .null
    }
}
