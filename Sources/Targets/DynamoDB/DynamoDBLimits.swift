/// What DynamoDB takes; past each the request is refused with ValidationException.
enum DynamoDBLimits {
    static let maxItemBytes = 409_600
    static let maxHashBytes = 2048
    static let maxRangeBytes = 1024
    /// Levels of lists and maps within an attribute.
    static let maxNesting = 32
    static let maxExpressionBytes = 4096
    /// Parentheses and NOTs open at one time.
    static let maxExpressionDepth = 64
    /// Conditions of one expression.
    static let maxOperators = 300
    /// Steps of a document path.
    static let maxPathSteps = 32
    static let maxBatchWrites = 25
    static let maxBatchKeys = 100
    /// Bytes of items that a Query, a Scan or a BatchGetItem looks at: the page ends there.
    static let maxPageBytes = 1 << 20
    /// Items that one write deletes with their table.
    static let maxDeletions = 2_000
    /// Bytes of items that `roost target tail` shows: older ones are left out then.
    static let maxShownBytes = 16 << 20
}
