import JSON

extension PolicyCondition.Values {
    /// Reads the values of a condition in the form that its operator compares.
    init(_ texts: [String], for test: ConditionOperator, _ hasVariables: Bool, at path: String) throws(PolicyError) {
        let variables = hasVariables && test.takesVariables
        switch test.comparison {
        case .stringEquals, .stringEqualsIgnoreCase:
            let ignoresCase = test.comparison == .stringEqualsIgnoreCase
            self = .patterns(
                try texts.map { text throws(PolicyError) in
                    PolicyPattern(
                        try PolicyPattern.pieces(of: text, PolicyPattern.Syntax(wildcards: false, variables: variables)),
                        ignoresCase: ignoresCase)
                })
        case .stringLike:
            self = .patterns(
                try texts.map { text throws(PolicyError) in
                    PolicyPattern(try PolicyPattern.pieces(of: text, PolicyPattern.Syntax(wildcards: true, variables: variables)))
                })
        case .arn: self = .arns(try texts.map { text throws(PolicyError) in try Self.arn(text, variables: variables, at: path) })
        case .numeric: self = .numbers(try Self.read(texts, "a number", at: path) { JSONDecimal($0) })
        case .date: self = .dates(try Self.read(texts, "a date such as 2030-01-31T12:00:00Z", at: path, PolicyDate.parse))
        case .bool, .null: self = .flags(try Self.read(texts, "true or false", at: path, PolicyCondition.flag))
        case .ipAddress: self = .addresses(try Self.read(texts, "an IP address or a CIDR block", at: path) { IPAddressRange($0) })
        }
    }

    private static func read<Value>(
        _ texts: [String], _ what: String, at path: String, _ parse: (String) -> Value?
    ) throws(PolicyError) -> [Value] {
        try texts.map { text throws(PolicyError) in
            guard let value = parse(text) else { throw PolicyError("\"\(text)\" is not \(what)", at: path) }
            return value
        }
    }

    /// Six patterns. Colons inside a variable do not separate.
    private static func arn(_ text: String, variables: Bool, at path: String) throws(PolicyError) -> [PolicyPattern] {
        let everything = [PolicyPattern]()
        if text == "*" { return everything }
        var parts: [[PolicyPattern.Piece]] = [[]]
        for piece in try PolicyPattern.pieces(of: text, PolicyPattern.Syntax(wildcards: true, variables: variables)) {
            guard case .text(let bytes) = piece else {
                parts[parts.count - 1].append(piece)
                continue
            }
            let runs = bytes.split(
                separator: UInt8(ascii: ":"), maxSplits: PolicyARN.partCount - parts.count, omittingEmptySubsequences: false)
            for (index, run) in runs.enumerated() {
                if index > 0 { parts.append([]) }
                parts[parts.count - 1].append(.text(Array(run)))
            }
        }
        guard parts.count == PolicyARN.partCount, text.utf8.starts(with: "arn:".utf8) else {
            throw PolicyError("\"\(text)\" is not in valid ARN format", at: path)
        }
        return parts.map { PolicyPattern($0) }
    }
}
