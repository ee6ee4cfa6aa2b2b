/// One parameter of a query, percent-decoded.
package struct QueryItem: Sendable, Hashable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Parameters that a query may have; those behind are not looked at, so that a request which has more fails its signature.
    static let maxCount = 256

    /// The parameters of a query in their order. Bytes that are not UTF-8 are replaced: they fail any pattern, and any signature.
    package static func parse(_ query: some StringProtocol) -> [QueryItem] {
        query.split(separator: "&", maxSplits: Self.maxCount, omittingEmptySubsequences: true).prefix(Self.maxCount).map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return QueryItem(
                String(decoding: PercentEncoding.decode(parts[0]), as: UTF8.self),
                parts.count > 1 ? String(decoding: PercentEncoding.decode(parts[1]), as: UTF8.self) : "")
        }
    }
}
