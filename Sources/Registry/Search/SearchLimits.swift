/// The bounds of one search. None of them cuts an answer: past one, items are looked at one by one instead.
enum SearchLimits {
    /// Items of one page (AWS IoT Core quotas, fleet indexing).
    static let pageSize = 500
    /// When the caller names no size.
    static let defaultPageSize = 100
    /// Index rows read at a time.
    static let batch = 512
    /// Hits of a range, prefix or wildcard that are gathered and sorted.
    static let gathered = 10_000
    /// With so few hits of a word, what else is asked for is decided on their documents.
    static let few = 1_000
    /// Fields that a term without a field is looked up in.
    static let defaultFields = 1_000
}
