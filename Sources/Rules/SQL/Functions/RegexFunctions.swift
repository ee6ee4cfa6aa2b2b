/// Regular expressions in Java's syntax. One that is none makes Undefined; a literal one is compiled with the statement.
enum RegexFunctions {
    static let all: [SQLFunction] = [
        function("regexp_matches", 2) { evaluation, regex, text, _ throws(EvaluationStop) in
            .bool(try Self.firstMatch(of: regex, in: text, &evaluation) != nil)
        },
        function("regexp_substr", 2) { evaluation, regex, text, _ throws(EvaluationStop) in
            guard let match = try Self.firstMatch(of: regex, in: text, &evaluation) else { return .undefined }
            return .string(Self.string(text[match[0]..<match[1]]))
        },
        function("regexp_replace", 3) { evaluation, regex, text, replacement throws(EvaluationStop) in
            guard let replacement, let replacement = RegexReplacement(replacement, for: regex) else { return .undefined }
            return try Self.replaceAll(regex, in: text, with: replacement, &evaluation)
        },
    ]

    /// What compiling costs, in the budget's currency.
    private static let bytesPerInstruction = 16
    private static let compilationBytes = 16

    private typealias Body = @Sendable (inout Evaluation, Regex, [UInt32], String?) throws(EvaluationStop) -> SQLValue

    private static func function(_ name: String, _ count: Int, _ body: @escaping Body) -> SQLFunction {
        SQLFunction(special: name, count...count, prepare: Self.prepare) { evaluation, call throws(EvaluationStop) in
            guard let text = try evaluation.text(try evaluation.value(of: call.arguments[0])) else { return .undefined }
            guard let regex = try self.regex(of: call, &evaluation) else { return .undefined }
            var replacement: String?
            if count == 3 { replacement = try evaluation.text(try evaluation.value(of: call.arguments[2])) }
            return try body(&evaluation, regex, text.unicodeScalars.map(\.value), replacement)
        }
    }

    @Sendable private static func prepare(_ arguments: [Expression]) -> PreparedArgument? {
        guard arguments.count >= 2, case .literal(.string(let pattern)) = arguments[1] else { return nil }
        do throws(RegexError) { return .regex(try Regex(pattern)) } catch { return .invalid(error.description) }
    }

    private static func regex(of call: Call, _ evaluation: inout Evaluation) throws(EvaluationStop) -> Regex? {
        switch call.prepared {
        case .regex(let regex): return regex
        case .invalid: return nil
        case .timePattern, nil: break
        }
        guard let pattern = try evaluation.text(try evaluation.value(of: call.arguments[1])) else { return nil }
        // Compiling takes more time than reading, and counted repetitions make much of little.
        try evaluation.budget.charge(bytes: (pattern.utf8.count + Self.compilationBytes) * Self.bytesPerInstruction)
        guard let regex = try? Regex(pattern) else {
            try evaluation.budget.charge(bytes: RegexLimits.maxInstructions)
            return nil
        }
        try evaluation.budget.charge(bytes: regex.size * Self.bytesPerInstruction)
        return regex
    }

    private static func firstMatch(
        of regex: Regex, in text: [UInt32], _ evaluation: inout Evaluation
    ) throws(EvaluationStop) -> [Int]? {
        do throws(RegexMatcher.Exhausted) {
            return try regex.firstMatch(in: text, steps: &evaluation.budget.regexSteps)
        } catch {
            throw self.stop(error)
        }
    }

    private static func replaceAll(
        _ regex: Regex, in text: [UInt32], with replacement: RegexReplacement, _ evaluation: inout Evaluation
    ) throws(EvaluationStop) -> SQLValue {
        var output: [UInt32] = []
        var end = 0
        var steps = evaluation.budget.regexSteps
        let result: Result<Void, EvaluationStop>
        do throws(RegexMatcher.Exhausted) {
            result = try regex.forEachMatch(in: text, steps: &steps) { match throws(EvaluationStop) in
                output += text[end..<match[0]]
                try evaluation.budget.charge(bytes: replacement.length(match))
                replacement.append(match, of: text, to: &output)
                end = match[1]
            }
        } catch {
            throw self.stop(error)
        }
        evaluation.budget.regexSteps = steps
        try result.get()
        output += text[end...]
        return try evaluation.made(self.string(output[...]))
    }

    private static func stop(_ reason: RegexMatcher.Exhausted) -> EvaluationStop {
        switch reason {
        case .steps: .limit("the regular expressions need more than \(SQLLimits.maxRegexSteps) steps for this message")
        case .waitingAlternatives: .limit("a regular expression leaves more than \(RegexLimits.maxWaiting) alternatives open")
        }
    }

    private static func string(_ scalars: ArraySlice<UInt32>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars.lazy.compactMap(Unicode.Scalar.init))
        return String(view)
    }
}
