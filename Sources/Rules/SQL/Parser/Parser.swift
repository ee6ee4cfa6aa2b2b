import JSON

/// Reads the language by recursive descent over tokens that are all there. Recursion is bounded by `SQLLimits.maxNesting`, the work by
/// the length of the text times that.
struct Parser {
    let text: [UInt8]
    let tokens: [Token]
    let dialect: SQLDialect
    /// What names can mean at the place where the parser is.
    var scope: ParserScope
    /// What the statement turns out to need.
    var needs = StatementNeeds()
    var position = 0
    private var depth = 0

    init(text: [UInt8], tokens: [Token], dialect: SQLDialect, scope: ParserScope = ParserScope()) {
        self.text = text
        self.tokens = tokens
        self.dialect = dialect
        self.scope = scope
    }

    var version: SQLVersion { self.dialect.version }

    /// The last token is `.end` and is never passed.
    var token: Token { self.tokens[self.position] }

    var following: Token { self.tokens[min(self.position + 1, self.tokens.count - 1)] }

    mutating func advance() {
        if self.position < self.tokens.count - 1 { self.position += 1 }
    }

    // MARK: expectations

    mutating func skip(_ keyword: Keyword) -> Bool {
        guard self.token.isWord(keyword) else { return false }
        self.advance()
        return true
    }

    mutating func skip(_ symbol: Token.Symbol) -> Bool {
        guard self.token.kind == .symbol(symbol) else { return false }
        self.advance()
        return true
    }

    mutating func expect(_ keyword: Keyword, _ expected: String? = nil) throws(SQLError) {
        guard self.skip(keyword) else { throw self.failure(expected ?? keyword.text) }
    }

    mutating func expect(_ symbol: Token.Symbol, _ expected: String? = nil) throws(SQLError) {
        guard self.skip(symbol) else { throw self.failure(expected ?? "'\(symbol.rawValue)'") }
    }

    /// What AWS added with 2016-03-23.
    func needModern(_ what: String, at token: Token? = nil) throws(SQLError) {
        if self.version.isModern { return }
        throw self.failure("nothing of this kind: \(what) needs SQL version 2016-03-23, and this statement has 2015-10-08", at: token)
    }

    // MARK: nesting

    mutating func enter() throws(SQLError) {
        if self.depth >= SQLLimits.maxNesting { throw self.failure("no more than \(SQLLimits.maxNesting) levels of nesting") }
        self.depth += 1
    }

    mutating func leave() { self.depth -= 1 }

    // MARK: errors

    /// "found …, expected `expected`" at a token, which is the current one unless another is named. A text that is no token says itself
    /// what could stand in its place.
    func failure(_ expected: String, at token: Token? = nil) -> SQLError {
        let token = token ?? self.token
        if case .invalid(let ofToken) = token.kind { return self.error(ofToken, at: token) }
        return self.error(expected, at: token)
    }

    private func error(_ expected: String, at token: Token) -> SQLError {
        SQLError(expected, found: self.describe(token), at: token.range.lowerBound, in: self.text)
    }

    private func describe(_ token: Token) -> String {
        if token.kind == .end {
            return token.range.isEmpty ? "the end of the statement" : "the end of the expression"
        }
        // Enough to find the place, not more: the text may be a secret of its owner.
        let longest = 40
        let written = self.text[token.range]
        return "'" + String(decoding: written.prefix(longest), as: UTF8.self) + (written.count > longest ? "…'" : "'")
    }
}

/// What names mean at a place of a statement.
struct ParserScope {
    /// Aliases of the SELECTs around, by frame, outermost first; nil for one without.
    var frames: [String?] = []
    var payloadAlias: String?
    /// `SET` variables that are defined before this place.
    var variables: [String] = []
}

/// What a statement reads and calls, collected while it is parsed.
struct StatementNeeds: Hashable, Sendable {
    /// Members of the payload that are read, by slot.
    private(set) var payloadMembers: [[UInt8]] = []
    /// Keyed by bytes: `String` finds two ways to write é the same.
    private var slots: [[UInt8]: Int] = [:]
    /// `*` or an alias of the payload: all members are read.
    var isWholePayload = false
    /// External functions by name, in order of appearance.
    private(set) var externalFunctions: [String] = []
    var protobufDecodes = 0
    /// What will never work although it is no error in AWS.
    var warnings: [String] = []

    mutating func slot(of member: String) -> Int {
        let key = Array(member.utf8)
        if let slot = self.slots[key] { return slot }
        self.payloadMembers.append(key)
        self.slots[key] = self.payloadMembers.count - 1
        return self.payloadMembers.count - 1
    }

    /// The same members of the payload, for a template beside the statement.
    var withoutCalls: StatementNeeds {
        var needs = self
        needs.externalFunctions = []
        needs.protobufDecodes = 0
        needs.warnings = []
        return needs
    }

    mutating func call(external name: String) {
        if !self.externalFunctions.contains(name) { self.externalFunctions.append(name) }
    }
}
