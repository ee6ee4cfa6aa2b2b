extension RegexParser {
    /// Behind a backslash, outside of a class.
    mutating func escape() throws(RegexError) -> RegexNode {
        guard let scalar = self.next else { throw self.failure("a backslash at the end") }
        if let assertion = Self.assertion(scalar) {
            self.position += 1
            if scalar == "b", self.next == "{" { throw self.failure("\\b{…}, which this engine does not take") }
            return .assertion(assertion)
        }
        switch scalar {
        case "1"..."9": return try self.numberedReference()
        case "k":
            self.position += 1
            guard self.skip("<" as Unicode.Scalar) else { throw self.failure("\\k without <name>") }
            let name = try self.groupName()
            guard let index = self.groupNames[name] else { throw self.failure("\\k<\(name)> before a group of that name") }
            return .backreference(index, ignoresCase: self.flags.ignoresCase)
        case "R":
            self.position += 1
            let crlf = RegexNode.sequence([.set(ScalarSet(.scalar(0x0D))), .set(ScalarSet(.scalar(0x0A)))])
            return .atomic(.alternatives([crlf, .set(ScalarSet(.verticalSpace))]))
        case "X", "N": throw self.failure("\\\(scalar), which this engine does not take")
        default: return .set(ScalarSet(try self.escapedSet(), self.flags.caseRule))
        }
    }

    private static func assertion(_ scalar: Unicode.Scalar) -> RegexAssertion? {
        switch scalar {
        case "b": .wordBoundary
        case "B": .noWordBoundary
        case "A": .textStart
        case "z": .textEnd
        case "Z": .lastLineEnd
        case "G": .searchStart
        default: nil
        }
    }

    /// `\1`; further digits belong to it while there are so many groups.
    private mutating func numberedReference() throws(RegexError) -> RegexNode {
        var index = 0
        while let scalar = self.next, scalar.value &- 0x30 < 10 {
            let longer = index * 10 + Int(scalar.value - 0x30)
            if index > 0 && longer > self.groupCount { break }
            index = longer
            self.position += 1
        }
        // In Java a group that does not exist yet never matches.
        if index > self.groupCount { throw self.failure("\\\(index) before group \(index)") }
        return .backreference(index, ignoresCase: self.flags.ignoresCase)
    }

    /// Behind a backslash: a class or one character.
    mutating func escapedSet() throws(RegexError) -> ScalarSet.Definition {
        guard let scalar = self.next else { throw self.failure("a backslash at the end") }
        self.position += 1
        if let shorthand = ScalarSet.Definition.shorthand(scalar) { return shorthand }
        switch scalar {
        case "p", "P":
            let named = try self.namedSet()
            return scalar == "P" ? .inverted(named) : named
        case "t": return .scalar(0x09)
        case "n": return .scalar(0x0A)
        case "r": return .scalar(0x0D)
        case "f": return .scalar(0x0C)
        case "a": return .scalar(0x07)
        case "e": return .scalar(0x1B)
        case "c":
            guard let control = self.next else { throw self.failure("\\c without a character") }
            self.position += 1
            return .scalar(control.value ^ 0x40)
        case "0": return .scalar(try self.digits(upTo: 3, radix: 8))
        case "x": return .scalar(self.next == "{" ? try self.bracedDigits() : try self.digits(exactly: 2))
        case "u": return .scalar(try self.utf16Escape())
        default:
            let isLetter = (scalar.value | 0x20) &- 0x61 < 26
            if isLetter { throw self.failure("\\\(scalar), which means nothing") }
            return .scalar(scalar.value)
        }
    }

    private mutating func namedSet() throws(RegexError) -> ScalarSet.Definition {
        var name = ""
        if self.skip("{" as Unicode.Scalar) {
            while let scalar = self.next, scalar != "}" {
                name.unicodeScalars.append(scalar)
                self.position += 1
            }
            guard self.skip("}" as Unicode.Scalar) else { throw self.failure("\\p{ that is not closed") }
        } else if let scalar = self.next {
            name.unicodeScalars.append(scalar)
            self.position += 1
        }
        guard let set = ScalarSet.Definition.named(name) else { throw self.failure("\\p{\(name)}, which this engine does not take") }
        return set
    }

    private mutating func digits(upTo most: Int, radix: UInt32) throws(RegexError) -> UInt32 {
        var value: UInt32 = 0
        var count = 0
        while count < most, let digit = self.next.flatMap({ Self.digit($0) }), digit < radix, value * radix + digit <= 0o377 {
            value = value * radix + digit
            count += 1
            self.position += 1
        }
        if count == 0 { throw self.failure("a number is missing") }
        return value
    }

    private mutating func digits(exactly count: Int) throws(RegexError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = self.next.flatMap({ Self.digit($0) }) else { throw self.failure("\(count) hexadecimal digits are missing") }
            value = value << 4 | digit
            self.position += 1
        }
        return value
    }

    private mutating func bracedDigits() throws(RegexError) -> UInt32 {
        self.position += 1
        var value: UInt32 = 0
        while let digit = self.next.flatMap({ Self.digit($0) }) {
            value = min(value << 4 | digit, 0x110000)
            self.position += 1
        }
        guard self.skip("}" as Unicode.Scalar), value <= 0x10FFFF else { throw self.failure("no code point between the braces") }
        return value
    }

    /// `\uD83D\uDE00` is one character, as in Java.
    private mutating func utf16Escape() throws(RegexError) -> UInt32 {
        let high = try self.digits(exactly: 4)
        let start = self.position
        guard high & 0xFC00 == 0xD800, self.skip("\\u") else { return high }
        let low = try self.digits(exactly: 4)
        if low & 0xFC00 == 0xDC00 { return 0x10000 + (high & 0x3FF) << 10 + (low & 0x3FF) }
        self.position = start
        return high
    }

    private static func digit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x61 + 10
        case "A"..."F": scalar.value - 0x41 + 10
        default: nil
        }
    }
}
