/// How large and deep a statement and its evaluation may be. Past one of the first group a statement is refused; past one of the second
/// the evaluation fails, with a message that names the limit.
package enum SQLLimits {
    /// Length of a statement or a template, bytes of UTF-8. AWS publishes none.
    package static let maxStatementBytes = 256 * 1024
    /// Parentheses, literals, calls, CASE, NOT, signs and nested SELECTs open at one time; parsing, evaluating and releasing an
    /// expression recurse once per level.
    package static let maxNesting = 64
    /// Names in an alias (`AS a.b.c`), because each makes a level of the result.
    package static let maxAliasSegments = 32
    /// `SET` variables and the length of a name.
    package static let maxVariables = 10
    package static let maxVariableNameLength = 64
    /// `decode(…, 'proto', …)` calls in a statement.
    package static let maxProtobufDecodes = 2

    /// All `SET` variables together, bytes of their JSON text.
    package static let maxVariableBytes = 128 * 1024
    /// The result of `transform`, bytes of its JSON text.
    package static let maxTransformBytes = 128 * 1024
    /// Expressions evaluated for one message, the elements that nested SELECTs visit included.
    package static let maxSteps = 1_000_000
    /// Values that operators and functions read as texts or make for one message, bytes.
    package static let maxProducedBytes = 16 * 1024 * 1024
    /// Calls that leave the process for one message.
    package static let maxExternalCalls = 32
    /// Steps that regular expressions take for one message.
    package static let maxRegexSteps = 2_000_000
    /// Arrays and objects open at one time in a payload.
    package static let maxPayloadNesting = 128
}
