/// Reads a query by recursive descent; how deep it goes is bounded by ``QueryLimits/nesting``.
struct QueryParser {
    private var scanner: QueryScanner
    private let limits: QueryLimits
    private let locations: [GeoLocation]
    private var termCount = 0
    private var leadingWildcards = 0
    private var depth = 0

    init(_ text: String, limits: QueryLimits, locations: [GeoLocation]) throws(QueryError) {
        self.scanner = QueryScanner(text)
        self.limits = limits
        self.locations = locations
        guard self.scanner.count <= limits.characters else {
            throw QueryError(
                message: "A query can have at most \(limits.characters) characters; this one has \(self.scanner.count)", position: nil)
        }
    }

    mutating func parse() throws(QueryError) -> QueryNode {
        self.scanner.skipSpace()
        guard !self.scanner.isAtEnd else { throw QueryError(message: "The query is empty; `*` finds everything", position: nil) }
        let node = try self.disjunction(in: nil)
        guard self.scanner.isAtEnd else { throw self.scanner.error("There is no \"(\" for this \")\"") }
        guard self.leadingWildcards == 0 || self.scanner.count <= self.limits.charactersWithLeadingWildcard else {
            throw QueryError(
                message: "A query with a wildcard at the beginning of a term can have at most \(self.limits.charactersWithLeadingWildcard)"
                    + " characters; this one has \(self.scanner.count)", position: nil)
        }
        return node
    }

    // MARK: Operators

    /// - Parameter field: of the parentheses that these terms are in (`thingName:(a OR b)`).
    private mutating func disjunction(in field: String?) throws(QueryError) -> QueryNode {
        var nodes = [try self.conjunction(in: field)]
        while self.scanner.takeKeyword("OR") { nodes.append(try self.conjunction(in: field)) }
        return nodes.count == 1 ? nodes[0] : .or(nodes)
    }

    private mutating func conjunction(in field: String?) throws(QueryError) -> QueryNode {
        var nodes = [try self.clause(in: field)]
        while true {
            if self.scanner.takeKeyword("AND") {
                nodes.append(try self.clause(in: field))
            } else if self.scanner.isAtEnd || self.scanner.peek == ")" || self.scanner.isAtKeyword("OR") {
                return nodes.count == 1 ? nodes[0] : .and(nodes)
            } else {
                nodes.append(try self.clause(in: field))
            }
        }
    }

    private mutating func clause(in field: String?) throws(QueryError) -> QueryNode {
        var isNegated = false
        // More than one takes no recursion.
        while self.scanner.takeKeyword("NOT") || self.scanner.takeMinus() { isNegated.toggle() }
        for word in ["AND", "OR"] where self.scanner.isAtKeyword(word) {
            throw self.scanner.error("\(word) needs something to search for on both sides")
        }
        guard !self.scanner.isAtEnd else { throw self.scanner.error("The query ends where something to search for should be") }
        let node = self.scanner.peek == "(" ? try self.group(in: field) : try self.term(in: field)
        self.scanner.skipSpace()
        return isNegated ? .not(node) : node
    }

    private mutating func group(in field: String?) throws(QueryError) -> QueryNode {
        guard self.depth < self.limits.nesting else {
            throw self.scanner.error("Parentheses can be at most \(self.limits.nesting) deep")
        }
        self.depth += 1
        let start = self.scanner.position
        self.scanner.advance()
        self.scanner.skipSpace()
        let node = try self.disjunction(in: field)
        guard self.scanner.take(")") else { throw QueryError(message: "This \"(\" is not closed", position: start) }
        self.depth -= 1
        return node
    }

    // MARK: Terms

    private mutating func term(in outer: String?) throws(QueryError) -> QueryNode {
        let start = self.scanner.position
        guard let field = try self.scanner.takeField().map(IndexDocument.canonical) else {
            guard outer == nil, self.scanner.takeLoneStar() else { return try self.term(outer, try self.value(of: outer), from: start) }
            return try self.counted(.all, from: start)
        }
        guard outer == nil else { throw QueryError(message: "A field inside the parentheses of another field", position: start) }
        if self.scanner.peek == "(" { return try self.group(in: field) }
        if let comparison = self.scanner.takeComparison() {
            return try self.term(field, .numbers(comparison.range(try self.scanner.takeNumber())), from: start)
        }
        return try self.term(field, try self.value(of: field), from: start)
    }

    private mutating func term(_ field: String?, _ condition: QueryCondition, from start: Int) throws(QueryError) -> QueryNode {
        try self.counted(.term(QueryTerm(field: field, condition: condition)), from: start)
    }

    private mutating func counted(_ node: QueryNode, from start: Int) throws(QueryError) -> QueryNode {
        self.termCount += 1
        guard self.termCount <= self.limits.terms else {
            throw QueryError(message: "A query can have at most \(self.limits.terms) terms", position: start)
        }
        return node
    }

    private mutating func value(of field: String?) throws(QueryError) -> QueryCondition {
        switch self.scanner.peek {
        case "\"": return .phrase(try self.phrase())
        case "[", "{": return try self.range()
        default: return try self.word(of: field)
        }
    }

    private mutating func phrase() throws(QueryError) -> [String] {
        let start = self.scanner.position
        let words = IndexValue.text(try self.scanner.takePhrase()).words
        guard !words.isEmpty else { throw QueryError(message: "A phrase without a word", position: start) }
        return words
    }

    private mutating func word(of field: String?) throws(QueryError) -> QueryCondition {
        let start = self.scanner.position
        if let field, let text = self.scanner.takeGeoDistance() { return try self.circle(field, text, from: start) }
        let parts = try self.scanner.takeWord()
        guard parts.contains(where: { !$0.isCharacter }) else {
            let word = parts.text.lowercased()
            return .word(word, number: IndexTerm.number(word))
        }
        let pattern = WordPattern(parts: parts.lowercased)
        if pattern.isAnything { return .exists }
        guard parts.count(where: { $0 == .many }) <= self.limits.stars else {
            throw QueryError(message: "A term can have at most \(self.limits.stars) \"*\"", position: start)
        }
        guard parts.count(where: { $0 == .one }) <= self.limits.questionMarks else {
            throw QueryError(message: "A term can have at most \(self.limits.questionMarks) \"?\"", position: start)
        }
        if parts.first?.isCharacter == false {
            self.leadingWildcards += 1
            guard self.leadingWildcards <= self.limits.leadingWildcards else {
                throw QueryError(message: "Only one term of a query can begin with a wildcard", position: start)
            }
        }
        return .pattern(pattern)
    }

    private func circle(_ field: String, _ text: String, from start: Int) throws(QueryError) -> QueryCondition {
        guard let location = self.locations.first(where: { $0.field == field }) else {
            throw QueryError(
                message: "\(field) is not one of the geo locations of the indexing configuration (filter.geoLocations)", position: start)
        }
        guard let circle = GeoCircle(text, order: location.order) else {
            throw QueryError(
                message: "geo_distance needs a latitude, a longitude and a distance with m, km, mi or ft (geo_distance,47.6,-122.3,10km)",
                position: start)
        }
        return .near(circle)
    }

    // MARK: Ranges

    private mutating func range() throws(QueryError) -> QueryCondition {
        let start = self.scanner.position
        let includesLower = self.scanner.take("[")
        if !includesLower { self.scanner.advance() }
        let lower = try self.bound()
        guard self.scanner.takeKeyword("TO") else { throw self.scanner.error("A range needs TO between its ends, as in [1 TO 5]") }
        let upper = try self.bound()
        let includesUpper = self.scanner.take("]")
        guard includesUpper || self.scanner.take("}") else {
            throw QueryError(message: "This range is not closed with \"]\" or \"}\"", position: start)
        }
        let ends = [lower, upper].compactMap(\.self)
        let numbers = ends.compactMap { IndexTerm.number($0) }
        if numbers.count == ends.count {
            return .numbers(
                QueryRange(
                    lower: lower.flatMap(IndexTerm.number).map { .init(value: $0, isIncluded: includesLower) },
                    upper: upper.flatMap(IndexTerm.number).map { .init(value: $0, isIncluded: includesUpper) }))
        }
        return .words(
            QueryRange(
                lower: lower.map { .init(value: $0, isIncluded: includesLower) },
                upper: upper.map { .init(value: $0, isIncluded: includesUpper) }))
    }

    /// In lower case; nil for an end that is open.
    private mutating func bound() throws(QueryError) -> String? {
        self.scanner.skipSpace()
        let start = self.scanner.position
        let text: String?
        if self.scanner.peek == "\"" {
            text = try self.scanner.takePhrase().lowercased()
        } else {
            let parts = try self.scanner.takeWord()
            guard parts == [.many] || parts.allSatisfy(\.isCharacter) else {
                throw QueryError(message: "The end of a range is a word, a number, or \"*\" alone", position: start)
            }
            text = parts == [.many] ? nil : parts.text.lowercased()
        }
        self.scanner.skipSpace()
        return text
    }
}
