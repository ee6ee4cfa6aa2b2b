import JSON

/// Functions of texts. Arguments are converted to strings; Null and Undefined are none and make Undefined. A character is a Unicode scalar.
enum TextFunctions {
    static let all: [SQLFunction] = [
        one("upper") { $0.uppercased() },
        one("lower") { $0.lowercased() },
        SQLFunction("length", 1...1, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            try evaluation.text(arguments[0]).map { .int(Int64($0.unicodeScalars.count)) } ?? .undefined
        },
        SQLFunction("numbytes", 1...1, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            try evaluation.text(arguments[0]).map { .int(Int64($0.utf8.count)) } ?? .undefined
        },
        SQLFunction("chr", 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let code = evaluation.dialect.index(arguments[0]), (0...127).contains(code) else { return .undefined }
            return .string(String(decoding: [UInt8(code)], as: UTF8.self))
        },
        test("startswith") { $0.utf8.starts(with: $1.utf8) },
        test("endswith") { $0.utf8.count >= $1.utf8.count && $0.utf8.suffix($1.utf8.count).elementsEqual($1.utf8) },
        SQLFunction("indexof", 2...2, isModern: true) { evaluation, arguments throws(EvaluationStop) in
            guard case .string(let text) = arguments[0], case .string(let part) = arguments[1] else { return .undefined }
            try evaluation.budget.charge(bytes: text.utf8.count + part.utf8.count)
            if part.isEmpty { return .int(0) }
            guard let offset = TextSearch(part).first(in: Array(text.utf8)) else { return .int(-1) }
            // Bytes that continue a scalar do not count.
            return .int(Int64(text.utf8.prefix(offset).count { $0 & 0xC0 != 0x80 }))
        },
        SQLFunction("replace", 3...3) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]), let part = try evaluation.text(arguments[1]),
                let other = try evaluation.text(arguments[2])
            else { return .undefined }
            return try TextSearch.replacing(part, in: text, with: other, &evaluation)
        },
        SQLFunction("substring", 2...3) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]), let from = evaluation.dialect.index(arguments[1]) else { return .undefined }
            var to = Int.max
            if arguments.count == 3 {
                guard let written = evaluation.dialect.index(arguments[2]) else { return .undefined }
                to = written
            }
            guard from < to, to > 0 else { return .string("") }
            let first = max(from, 0)
            var result = String.UnicodeScalarView()
            result.append(contentsOf: text.unicodeScalars.dropFirst(first).prefix(to - first))
            return try evaluation.made(String(result))
        },
        SQLFunction("concat", 0...SQLLimits.maxStatementBytes, Self.concat),
    ]

    private static func one(_ name: String, _ change: @escaping @Sendable (String) -> String) -> SQLFunction {
        SQLFunction(name, 1...1) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]) else { return .undefined }
            return try evaluation.made(change(text))
        }
    }

    private static func test(_ name: String, _ holds: @escaping @Sendable (String, String) -> Bool) -> SQLFunction {
        SQLFunction(name, 2...2) { evaluation, arguments throws(EvaluationStop) in
            guard let text = try evaluation.text(arguments[0]), let part = try evaluation.text(arguments[1]) else { return .undefined }
            return .bool(holds(text, part))
        }
    }

    /// Arrays are joined, with other arguments as elements between them; else texts, if there is one; else there is nothing to join.
    @Sendable private static func concat(
        _ evaluation: inout Evaluation, _ arguments: [SQLValue]
    ) throws(EvaluationStop) -> SQLValue {
        if arguments.count < 2 { return arguments.first ?? .undefined }
        var hasText = false
        for argument in arguments {
            if case .array = argument { return try CollectionFunctions.joined(arguments, &evaluation) }
            if case .string = argument { hasText = true }
        }
        guard hasText else { return .undefined }
        var result = ""
        for argument in arguments {
            guard let text = try evaluation.text(argument) else { return .undefined }
            try evaluation.budget.charge(bytes: text.utf8.count)
            result += text
        }
        return .string(result)
    }
}

/// Finds a text in texts, byte by byte, which for UTF-8 is scalar by scalar (Knuth, Morris and Pratt: time linear in both lengths).
struct TextSearch {
    private let part: [UInt8]
    /// For each prefix of `part` the length of the longest one that ends there, too, and is shorter.
    private let borders: [Int]

    /// `part` is not empty.
    init(_ part: String) {
        self.part = Array(part.utf8)
        var borders = [0]
        var length = 0
        for byte in self.part.dropFirst() {
            while length > 0 && self.part[length] != byte { length = borders[length - 1] }
            if self.part[length] == byte { length += 1 }
            borders.append(length)
        }
        self.borders = borders
    }

    /// Where the first occurrence at `start` or behind it begins.
    func first(in text: [UInt8], from start: Int = 0) -> Int? {
        var length = 0
        for position in start..<text.count {
            while length > 0 && self.part[length] != text[position] { length = self.borders[length - 1] }
            if self.part[length] == text[position] { length += 1 }
            if length == self.part.count { return position + 1 - length }
        }
        return nil
    }

    /// All occurrences from the left. An empty part is found before each character and at the end, as in Java.
    static func replacing(
        _ part: String, in text: String, with other: String, _ evaluation: inout Evaluation
    ) throws(EvaluationStop) -> SQLValue {
        if part.isEmpty { return try self.interspersing(other, in: text, &evaluation) }
        let search = TextSearch(part)
        let source = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        while let found = search.first(in: source, from: position) {
            try evaluation.budget.charge(bytes: other.utf8.count)
            result += source[position..<found]
            result += other.utf8
            position = found + search.part.count
        }
        result += source[position...]
        return try evaluation.made(String(decoding: result, as: UTF8.self))
    }

    private static func interspersing(
        _ other: String, in text: String, _ evaluation: inout Evaluation
    ) throws(EvaluationStop) -> SQLValue {
        var result = other
        for scalar in text.unicodeScalars {
            try evaluation.budget.charge(bytes: other.utf8.count)
            result.unicodeScalars.append(scalar)
            result += other
        }
        return try evaluation.made(result)
    }
}
