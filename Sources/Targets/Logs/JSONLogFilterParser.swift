import AWSAPI

/// Reads a pattern for JSON events by recursive descent.
struct JSONLogFilterParser {
    /// Parentheses that are open at the same time.
    private static let maxDepth = 16

    private var rest: Substring
    private var depth = 0

    init(_ pattern: Substring) { self.rest = pattern }

    mutating func parse() throws(AWSError) -> JSONLogFilter.Node {
        try self.demand("{")
        let node = try self.disjunction()
        try self.demand("}")
        guard self.rest.isEmpty else { throw Self.invalid("something follows the closing brace") }
        return node
    }

    private static func invalid(_ why: String) -> AWSError { LogsService.invalid("Invalid filter pattern: \(why).") }

    // MARK: Words

    private mutating func skipSpace() { self.rest = self.rest.drop { $0 == " " || $0 == "\t" || $0 == "\n" } }

    private mutating func take(_ text: String) -> Bool {
        guard self.rest.hasPrefix(text) else { return false }
        self.rest = self.rest.dropFirst(text.count)
        self.skipSpace()
        return true
    }

    private mutating func demand(_ text: String) throws(AWSError) {
        guard self.take(text) else { throw Self.invalid("\"\(text)\" is missing before \"\(self.rest.prefix(20))\"") }
    }

    // MARK: Operators

    private mutating func disjunction() throws(AWSError) -> JSONLogFilter.Node {
        var nodes = [try self.conjunction()]
        while self.take("||") { nodes.append(try self.conjunction()) }
        return nodes.count == 1 ? nodes[0] : .or(nodes)
    }

    private mutating func conjunction() throws(AWSError) -> JSONLogFilter.Node {
        var nodes = [try self.clause()]
        while self.take("&&") { nodes.append(try self.clause()) }
        return nodes.count == 1 ? nodes[0] : .and(nodes)
    }

    private mutating func clause() throws(AWSError) -> JSONLogFilter.Node {
        guard self.take("(") else { return try self.condition() }
        self.depth += 1
        guard self.depth <= Self.maxDepth else { throw Self.invalid("parentheses can be at most \(Self.maxDepth) deep") }
        let node = try self.disjunction()
        try self.demand(")")
        self.depth -= 1
        return node
    }

    // MARK: Conditions

    private mutating func condition() throws(AWSError) -> JSONLogFilter.Node {
        let path = try self.path()
        for (words, condition) in [
            ("IS TRUE", JSONLogFilter.Condition.bool(true)), ("IS FALSE", .bool(false)), ("IS NULL", .null), ("NOT EXISTS", .missing),
            ("EXISTS", .present),
        ] where self.take(words) { return .condition(path: path, condition) }
        for name in ["!=", "<=", ">=", "=", "<", ">"] where self.take(name) {
            guard let comparison = JSONLogFilter.Comparison(rawValue: name) else { continue }
            return .condition(path: path, try self.operand(of: comparison))
        }
        throw Self.invalid("a comparison is missing before \"\(self.rest.prefix(20))\"")
    }

    private mutating func path() throws(AWSError) -> [JSONLogFilter.Step] {
        guard self.rest.first == "$" else { throw Self.invalid("a field such as $.name is missing before \"\(self.rest.prefix(20))\"") }
        self.rest.removeFirst()
        var steps: [JSONLogFilter.Step] = []
        while let first = self.rest.first, first == "." || first == "[" {
            self.rest.removeFirst()
            if first == "." {
                let name = self.rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
                guard !name.isEmpty else { throw Self.invalid("a field has no name") }
                steps.append(.name(String(name)))
                self.rest = self.rest.dropFirst(name.count)
            } else {
                let digits = self.rest.prefix { $0.isNumber }
                guard let index = Int(digits), self.rest.dropFirst(digits.count).first == "]" else {
                    throw Self.invalid("an index of an array is no number")
                }
                steps.append(.index(index))
                self.rest = self.rest.dropFirst(digits.count + 1)
            }
        }
        guard !steps.isEmpty else { throw Self.invalid("a field has no name") }
        self.skipSpace()
        return steps
    }

    private mutating func operand(of comparison: JSONLogFilter.Comparison) throws(AWSError) -> JSONLogFilter.Condition {
        let isQuoted = self.rest.first == "\""
        let text = isQuoted ? try self.quoted() : String(self.rest.prefix { !" \t\n&|(){}".contains($0) })
        if !isQuoted { self.rest = self.rest.dropFirst(text.count) }
        self.skipSpace()
        guard isQuoted || !text.isEmpty else { throw Self.invalid("a value is missing before \"\(self.rest.prefix(20))\"") }
        if !isQuoted, let number = Double(text), number.isFinite { return .number(number, comparison) }
        guard comparison == .equal || comparison == .unequal else {
            throw Self.invalid("\(text) is no number, which \(comparison.rawValue) needs")
        }
        let parts = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
        return .text(parts, isEqual: comparison == .equal)
    }

    private mutating func quoted() throws(AWSError) -> String {
        self.rest.removeFirst()
        var text = ""
        while let first = self.rest.popFirst() {
            if first == "\"" { return text }
            if first == "\\", let next = self.rest.popFirst() { text.append(next) } else { text.append(first) }
        }
        throw Self.invalid("a quotation mark has no end")
    }
}
