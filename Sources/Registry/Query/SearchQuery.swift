/// A query of fleet indexing, parsed.
///
/// `AND` binds more tightly than `OR`, and two clauses side by side mean `AND`. Values are compared without regard to case, and a text value is
/// the words between its white space (AWS IoT Developer Guide, query syntax).
struct SearchQuery: Sendable, Hashable {
    let text: String
    let root: QueryNode

    /// - Parameter locations: the fields that `geo_distance` may ask for, with the order of their arrays.
    init(parsing text: String, limits: QueryLimits = .search, locations: [GeoLocation] = []) throws(QueryError) {
        var parser = try QueryParser(text, limits: limits, locations: locations)
        self.text = text
        self.root = try parser.parse()
    }

    func matches(_ document: IndexDocument) -> Bool { self.root.matches(document) }
}

indirect enum QueryNode: Sendable, Hashable {
    /// A lone `*`.
    case all
    case and([QueryNode])
    case or([QueryNode])
    case not(QueryNode)
    case term(QueryTerm)
}

/// One condition on the values of a field, or of any field.
struct QueryTerm: Sendable, Hashable {
    /// A path, case-sensitive; nil for any.
    var field: String?
    var condition: QueryCondition
}

enum QueryCondition: Sendable, Hashable {
    /// `field:*`.
    case exists
    /// A word in lower case, and the number that it says.
    case word(String, number: Double?)
    /// Words that follow each other, in lower case.
    case phrase([String])
    /// A word with wildcards.
    case pattern(WordPattern)
    case numbers(QueryRange<Double>)
    /// Words in lower case, in the order of their Unicode scalars.
    case words(QueryRange<String>)
    /// `geo_distance`.
    case near(GeoCircle)
}

/// A range whose ends may be open, and belong to it or not.
struct QueryRange<Bound: Comparable & Sendable & Hashable>: Sendable, Hashable {
    struct End: Sendable, Hashable {
        var value: Bound
        var isIncluded: Bool
    }

    var lower: End?
    var upper: End?

    func contains(_ value: Bound) -> Bool {
        if let lower, lower.isIncluded ? value < lower.value : value <= lower.value { return false }
        if let upper, upper.isIncluded ? value > upper.value : value >= upper.value { return false }
        return true
    }
}
