extension RegexParser {
    /// At the opening bracket. Classes in classes are united, `&&` intersects all before it with all behind it.
    mutating func characterClass() throws(RegexError) -> ScalarSet.Definition {
        self.classParts = 0
        return try self.classInBrackets()
    }

    private mutating func classInBrackets() throws(RegexError) -> ScalarSet.Definition {
        try self.enter()
        defer { self.leave() }
        self.position += 1
        let isInverted = self.skip("^" as Unicode.Scalar)
        var operands: [ScalarSet.Definition] = []
        var parts: [ScalarSet.Definition] = []
        // A bracket right behind the opening one stands for itself.
        if self.next == "]" {
            parts.append(try self.classItem())
        }
        while true {
            guard let scalar = self.next else { throw self.failure("a '[' that is not closed") }
            if scalar == "]" { break }
            self.classParts += 1
            if self.classParts > RegexLimits.maxClassParts {
                throw self.failure("more than \(RegexLimits.maxClassParts) parts in brackets")
            }
            if self.skip("&&") {
                if !parts.isEmpty { operands.append(.union(parts)) }
                parts = []
            } else if scalar == "[" {
                parts.append(try self.classInBrackets())
            } else if self.flags.hasComments && (scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value)) {
                self.position += 1
            } else if self.skip("\\Q") {
                while self.next != nil, !self.skip("\\E") {
                    self.classParts += 1
                    parts.append(.scalar(self.pattern[self.position].value))
                    self.position += 1
                }
            } else {
                parts.append(try self.classItem())
            }
        }
        self.position += 1
        if !parts.isEmpty { operands.append(.union(parts)) }
        if operands.isEmpty { throw self.failure("a class of nothing") }
        let all: ScalarSet.Definition = operands.count == 1 ? operands[0] : .intersection(operands)
        return isInverted ? .inverted(self.foldedForInversion(all)) : all
    }

    /// `[^a]` without regard to case excludes both; inverting comes after the comparison of letters.
    private func foldedForInversion(_ definition: ScalarSet.Definition) -> ScalarSet.Definition {
        guard self.flags.ignoresCase else { return definition }
        let letters = (0x41...0x5A).flatMap { (capital: UInt32) -> [ScalarSet.Definition] in
            let small = capital | 0x20
            return definition.contains(capital) || definition.contains(small) ? [.scalar(capital), .scalar(small)] : []
        }
        return .union([definition] + letters)
    }

    /// A character, a range, or an escape.
    private mutating func classItem() throws(RegexError) -> ScalarSet.Definition {
        let first = try self.classAtom()
        guard case .range(let low) = first, low.count == 1, self.next == "-", self.position + 1 < self.pattern.count else { return first }
        let following = self.pattern[self.position + 1]
        // In "[a-]" and "[a-[b]]" the hyphen stands for itself.
        if following == "]" || following == "[" { return first }
        self.position += 1
        guard case .range(let high) = try self.classAtom(), high.count == 1, low.lowerBound <= high.lowerBound else {
            throw self.failure("a range whose end is no character behind its start")
        }
        return .range(low.lowerBound...high.lowerBound)
    }

    private mutating func classAtom() throws(RegexError) -> ScalarSet.Definition {
        guard let scalar = self.next else { throw self.failure("a '[' that is not closed") }
        self.position += 1
        return scalar == "\\" ? try self.escapedSet() : .scalar(scalar.value)
    }
}
