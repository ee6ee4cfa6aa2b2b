import JSON

/// Spaces in front of texts and behind them. `lpad` and `rpad` add them, whatever the text's length is.
enum PaddingFunctions {
    private static let maxPadding = 1000

    static let all: [SQLFunction] = [
        pad("lpad") { $1 + $0 },
        pad("rpad") { $0 + $1 },
        trim("ltrim", front: true, back: false),
        trim("rtrim", front: false, back: true),
        trim("trim", front: true, back: true),
    ]

    private static func pad(_ name: String, _ join: @escaping @Sendable (String, String) -> String) -> SQLFunction {
        SQLFunction(name, 2...2) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]), let count = evaluation.dialect.index(arguments[1]) else {
                return .undefined
            }
            return try evaluation.made(join(text, String(repeating: " ", count: min(max(count, 0), self.maxPadding))))
        }
    }

    private static func trim(_ name: String, front: Bool, back: Bool) -> SQLFunction {
        SQLFunction(name, 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]) else { return .undefined }
            var rest = text.utf8[...]
            if front { rest = rest.drop(while: self.isBlank) }
            if back { while let last = rest.last, self.isBlank(last) { rest = rest.dropLast() } }
            return try evaluation.made(String(Substring(rest)))
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
}
