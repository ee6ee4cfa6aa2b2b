import JSON

/// Texts of times. A pattern or zone that is none makes Undefined; a literal pattern is read with the statement.
enum TimeFunctions {
    /// What asking for a zone and its names costs, in the budget's currency: up to a tenth of a millisecond.
    private static let zoneBytes = 4096

    static let all: [SQLFunction] = [
        SQLFunction(special: "parse_time", 2...3, isModern: true, prepare: { Self.prepare($0.first, hasOptionals: false) }) {
            evaluation, call throws(EvaluationStop) in
            guard let pattern = try Self.pattern(of: call, argument: 0, hasOptionals: false, &evaluation) else { return .undefined }
            let moment = try evaluation.value(of: call.arguments[1])
            guard let milliseconds = evaluation.dialect.integer(moment)?.int64 else { return .undefined }
            var zone = TimeZoneRules.utc
            if call.arguments.count == 3 {
                try evaluation.budget.charge(bytes: Self.zoneBytes)
                guard let name = try evaluation.text(try evaluation.value(of: call.arguments[2])), let named = TimeZoneRules(id: name)
                else {
                    return .undefined
                }
                zone = named
            }
            guard let text = JodaFormatter(milliseconds: milliseconds, zone: zone)?.text(pattern) else { return .undefined }
            return try evaluation.made(text)
        },
        SQLFunction(
            special: "time_to_epoch", 2...2, isModern: true, prepare: { Self.prepare($0.last, hasOptionals: true) }
        ) { evaluation, call throws(EvaluationStop) in
            guard case .string(let text) = try evaluation.value(of: call.arguments[0]) else { return .undefined }
            guard let pattern = try Self.pattern(of: call, argument: 1, hasOptionals: true, &evaluation) else { return .undefined }
            try evaluation.budget.charge(bytes: text.utf8.count + Self.zoneBytes)
            return JavaTimeParser.milliseconds(text, pattern).map { .int($0) } ?? .undefined
        },
    ]

    private static func prepare(_ argument: Expression?, hasOptionals: Bool) -> PreparedArgument? {
        guard let text = argument.flatMap(ExternalFunction.literal) else { return nil }
        guard let pattern = TimePattern(text, hasOptionals: hasOptionals) else {
            return .invalid("the time pattern has an open quote or more than \(TimePattern.maxLength) bytes")
        }
        // A moment at hand tells which letters can be written.
        let isUsable =
            hasOptionals
            ? JavaTimeParser.unknownField(in: pattern) == nil : JodaFormatter(milliseconds: 0, zone: .utc)?.text(pattern) != nil
        return isUsable ? .timePattern(pattern) : .invalid("the time pattern '\(text.prefix(40))' has letters without a meaning here")
    }

    private static func pattern(
        of call: Call, argument: Int, hasOptionals: Bool, _ evaluation: inout Evaluation
    ) throws(EvaluationStop) -> TimePattern? {
        switch call.prepared {
        case .timePattern(let pattern): return pattern
        case .invalid: return nil
        case .regex, nil: break
        }
        guard let text = try evaluation.text(try evaluation.value(of: call.arguments[argument])) else { return nil }
        guard let pattern = TimePattern(text, hasOptionals: hasOptionals) else { return nil }
        return hasOptionals && JavaTimeParser.unknownField(in: pattern) != nil ? nil : pattern
    }
}
