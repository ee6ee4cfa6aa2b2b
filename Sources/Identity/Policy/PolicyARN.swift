/// The shape of Amazon resource names: `arn:partition:service:region:account:resource`.
enum PolicyARN {
    static let partCount = 6

    /// The six parts; a resource keeps its colons. Nil when there are fewer or it does not begin with `arn`.
    static func parts(of text: String) -> [Substring]? {
        let parts = text.split(separator: ":", maxSplits: Self.partCount - 1, omittingEmptySubsequences: false)
        return parts.count == Self.partCount && parts[0] == "arn" ? parts : nil
    }
}
