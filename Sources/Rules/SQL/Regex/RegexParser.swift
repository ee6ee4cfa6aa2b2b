/// Reads the syntax of `java.util.regex.Pattern`.
///
/// Not taken, each with a message of its own: `\X`, `\N{…}`, scripts and blocks in `\p{…}`, `\b{g}`, canonical equivalence, and lookbehind
/// without a largest length.
struct RegexParser {
    struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesAll = false
        var hasComments = false
        var isUnicodeCase = false
        var caseRule: ScalarSet.CaseRule { !self.ignoresCase ? .exact : self.isUnicodeCase ? .ignoresAll : .ignoresASCII }
    }

    let pattern: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    private(set) var groupCount = 0
    private(set) var groupNames: [String: Int] = [:]
    private var depth = 0
    /// What the brackets that are open hold.
    var classParts = 0

    init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

    var next: Unicode.Scalar? { self.position < self.pattern.count ? self.pattern[self.position] : nil }

    func failure(_ message: String) -> RegexError { RegexError(message: message, offset: self.position) }

    mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard self.next == scalar else { return false }
        self.position += 1
        return true
    }

    mutating func skip(_ text: String) -> Bool {
        guard self.pattern[self.position...].starts(with: text.unicodeScalars) else { return false }
        self.position += text.unicodeScalars.count
        return true
    }

    mutating func enter() throws(RegexError) {
        if self.depth >= RegexLimits.maxNesting { throw self.failure("more than \(RegexLimits.maxNesting) levels of nesting") }
        self.depth += 1
    }

    mutating func leave() { self.depth -= 1 }

    mutating func parse() throws(RegexError) -> RegexNode {
        if self.pattern.count > RegexLimits.maxPatternLength {
            throw self.failure("more than \(RegexLimits.maxPatternLength) characters")
        }
        let node = try self.alternatives()
        if self.next != nil { throw self.failure("a ')' that closes nothing") }
        return node
    }

    /// Up to a closing parenthesis or the end. Flags set inside end there.
    mutating func alternatives() throws(RegexError) -> RegexNode {
        let flags = self.flags
        defer { self.flags = flags }
        var branches: [RegexNode] = []
        repeat { branches.append(try self.sequence()) } while self.skip("|" as Unicode.Scalar)
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let scalar = self.nextPiece(), scalar != "|", scalar != ")" {
            if self.skip("\\Q") {
                try self.quotation(into: &nodes)
                continue
            }
            let atom = try self.atom(scalar)
            nodes.append(try self.quantified(atom))
        }
        return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
    }

    /// `\Q…\E`; a quantifier behind it belongs to the last character.
    private mutating func quotation(into nodes: inout [RegexNode]) throws(RegexError) {
        let start = nodes.count
        while self.next != nil, !self.skip("\\E") {
            nodes.append(self.literal(self.pattern[self.position]))
            self.position += 1
        }
        if nodes.count > start, let last = nodes.popLast() { nodes.append(try self.quantified(last)) }
    }

    /// With `x`, blanks and comments are nothing.
    private mutating func nextPiece() -> Unicode.Scalar? {
        guard self.flags.hasComments else { return self.next }
        while let scalar = self.next {
            if scalar == "#" {
                while let other = self.next, other != "\n" { _ = self.skip(other) }
            } else if scalar.value == 0x20 || (0x09...0x0D).contains(scalar.value) {
                self.position += 1
            } else {
                break
            }
        }
        return self.next
    }

    func literal(_ scalar: Unicode.Scalar) -> RegexNode { .set(ScalarSet(.scalar(scalar.value), self.flags.caseRule)) }

    private mutating func atom(_ scalar: Unicode.Scalar) throws(RegexError) -> RegexNode {
        switch scalar {
        case "*", "+", "?": throw self.failure("nothing before '\(scalar)' to repeat")
        case "{": throw self.failure("nothing before '{' to repeat; a brace itself is written \\{")
        case "(":
            try self.enter()
            defer { self.leave() }
            self.position += 1
            return try self.group()
        case "[":
            let definition = try self.characterClass()
            return .set(ScalarSet(definition, self.flags.caseRule))
        case "\\":
            self.position += 1
            return try self.escape()
        default: break
        }
        self.position += 1
        switch scalar {
        case ".": return .set(ScalarSet(self.flags.dotMatchesAll ? .all : .inverted(.lineTerminator)))
        case "^": return .assertion(self.flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(self.flags.isMultiline ? .lineEnd : .lastLineEnd)
        default: return self.literal(scalar)
        }
    }

    mutating func openGroup(named name: String?) throws(RegexError) -> Int {
        self.groupCount += 1
        if let name {
            if self.groupNames[name] != nil { throw self.failure("a second group with the name '\(name)'") }
            self.groupNames[name] = self.groupCount
        }
        return self.groupCount
    }
}
