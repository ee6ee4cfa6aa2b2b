/// The bounds of a query (AWS IoT Core quotas, fleet indexing; AWS IoT Developer Guide, query syntax). A query past one is refused.
struct QueryLimits: Sendable, Hashable {
    /// Characters of the text.
    var characters = 1_000
    /// Terms, those of groups and phrases counted once.
    var terms: Int
    /// `*` in one term.
    var stars = 2
    /// `?` in one term.
    var questionMarks = 5
    /// Terms that begin with a wildcard.
    var leadingWildcards = 1
    /// Characters of a query that has such a term.
    var charactersWithLeadingWildcard = 100
    /// Parentheses that are open at the same time.
    var nesting = 16

    static let search = QueryLimits(terms: 12)
    static let dynamicGroup = QueryLimits(terms: 5)
}

/// What is wrong with a query, and where.
struct QueryError: Error, Hashable, CustomStringConvertible {
    let message: String
    /// Characters before the place, from 0; nil when the whole query is meant.
    let position: Int?

    var description: String {
        self.position.map { "\(self.message), at character \($0 + 1) of the query" } ?? self.message
    }
}
