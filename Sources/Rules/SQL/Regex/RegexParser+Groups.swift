extension RegexParser {
    /// Behind the opening parenthesis.
    mutating func group() throws(RegexError) -> RegexNode {
        guard self.skip("?" as Unicode.Scalar) else {
            let index = try self.openGroup(named: nil)
            return .capture(try self.groupBody(), index: index)
        }
        if self.skip(":" as Unicode.Scalar) { return try self.groupBody() }
        if self.skip(">" as Unicode.Scalar) { return .atomic(try self.groupBody()) }
        if self.skip("=" as Unicode.Scalar) { return .look(try self.groupBody(), isBehind: false, isNegated: false) }
        if self.skip("!" as Unicode.Scalar) { return .look(try self.groupBody(), isBehind: false, isNegated: true) }
        if self.skip("<=") { return try self.lookbehind(isNegated: false) }
        if self.skip("<!") { return try self.lookbehind(isNegated: true) }
        if self.skip("<" as Unicode.Scalar) {
            let index = try self.openGroup(named: try self.groupName())
            return .capture(try self.groupBody(), index: index)
        }
        return try self.flagGroup()
    }

    private mutating func groupBody() throws(RegexError) -> RegexNode {
        let node = try self.alternatives()
        guard self.skip(")" as Unicode.Scalar) else { throw self.failure("a group that is not closed") }
        return node
    }

    private mutating func lookbehind(isNegated: Bool) throws(RegexError) -> RegexNode {
        let body = try self.groupBody()
        if body.lengths.maximum == nil { throw self.failure("a lookbehind without a largest length") }
        return .look(body, isBehind: true, isNegated: isNegated)
    }

    /// A letter, then letters and digits, up to '>'.
    mutating func groupName() throws(RegexError) -> String {
        var name = String.UnicodeScalarView()
        while let scalar = self.next, scalar != ">" {
            let isLetter = (scalar.value | 0x20) &- 0x61 < 26
            guard isLetter || (!name.isEmpty && scalar.value &- 0x30 < 10) else { break }
            name.append(scalar)
            self.position += 1
        }
        guard !name.isEmpty, self.skip(">" as Unicode.Scalar) else { throw self.failure("a group's name is letters and digits up to '>'") }
        return String(name)
    }

    /// `(?i)` up to the end of the group around, or `(?i-s:…)`.
    private mutating func flagGroup() throws(RegexError) -> RegexNode {
        let outer = self.flags
        var isOn = true
        while let scalar = self.next {
            self.position += 1
            switch scalar {
            case "i": self.flags.ignoresCase = isOn
            case "m": self.flags.isMultiline = isOn
            case "s": self.flags.dotMatchesAll = isOn
            case "x": self.flags.hasComments = isOn
            case "u": self.flags.isUnicodeCase = isOn
            case "-" where isOn: isOn = false
            case ")": return .empty
            case ":":
                let body = try self.groupBody()
                self.flags = outer
                return body
            default:
                self.position -= 1
                throw self.failure("a group that begins (?\(scalar)")
            }
        }
        throw self.failure("a group that is not closed")
    }

    /// The quantifier behind an atom, if there is one. A second one behind it has nothing to repeat.
    mutating func quantified(_ atom: RegexNode) throws(RegexError) -> RegexNode {
        guard let (minimum, maximum) = try self.counts() else { return atom }
        let isReluctant = self.skip("?" as Unicode.Scalar)
        let isPossessive = !isReluctant && self.skip("+" as Unicode.Scalar)
        let kind: RegexQuantifier.Kind = isReluctant ? .reluctant : isPossessive ? .possessive : .greedy
        return .repetition(atom, RegexQuantifier(minimum: minimum, maximum: maximum, kind: kind))
    }

    private mutating func counts() throws(RegexError) -> (Int, Int?)? {
        switch self.next {
        case "*":
            self.position += 1
            return (0, nil)
        case "+":
            self.position += 1
            return (1, nil)
        case "?":
            self.position += 1
            return (0, 1)
        case "{":
            self.position += 1
            guard let minimum = self.number() else { throw self.failure("a count is missing behind '{'") }
            var maximum: Int? = minimum
            if self.skip("," as Unicode.Scalar) { maximum = self.number() }
            guard self.skip("}" as Unicode.Scalar) else { throw self.failure("a count that is not closed") }
            if max(minimum, maximum ?? 0) > RegexLimits.maxRepetitions {
                throw self.failure("more than \(RegexLimits.maxRepetitions) repetitions")
            }
            if let maximum, maximum < minimum { throw self.failure("a count whose largest is below its smallest") }
            return (minimum, maximum)
        default: return nil
        }
    }

    private mutating func number() -> Int? {
        var value: Int?
        while let scalar = self.next, scalar.value &- 0x30 < 10 {
            // Far above every limit, far from overflow.
            value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 1_000_000)
            self.position += 1
        }
        return value
    }
}
