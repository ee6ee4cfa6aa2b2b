import AWSAPI
package import JSON

/// How the older listings of `iot` are paged: `pageSize`, `marker`, and on most of them `isAscendingOrder` (AWS IoT API).
struct MarkerListing: Sendable {
    let size: Int
    let marker: String?
    /// By creation, or by name where a listing has no age; false when not given.
    let ascending: Bool

    init(_ input: OperationInput, ascendingByDefault: Bool = false) throws(AWSError) {
        self.size = try input.optionalInt("pageSize", in: .query, range: 1...IdentityLimits.pageSize) ?? IdentityLimits.defaultPageSize
        self.marker = try input.optionalString("marker", in: .query, max: 1024)
        self.ascending = try input.optionalBool("ascendingOrder", in: .query("isAscendingOrder")) ?? ascendingByDefault
    }

    /// The page in the order of age that `marker` asks for, one row longer than it shows. `query` are the parameters that the marker
    /// is bound to.
    func agePage(_ pages: PageTokens, query: [String?] = []) throws(AWSError) -> AgePage {
        let position = try pages.position(in: self.marker, query: self.bound(query))
        return AgePage(ascending: self.ascending, after: position.flatMap(AgePage.Position.init), count: self.size + 1)
    }

    /// The name after which the page that `marker` asks for starts.
    func position(_ pages: PageTokens, query: [String?] = []) throws(AWSError) -> String? {
        try pages.position(in: self.marker, query: self.bound(query))
    }

    /// The answer: at most `size` of `items` under `name`, and `nextMarker` when there are more. `position` is where an item stands.
    func output<Item>(
        _ name: String, _ items: [Item], _ pages: PageTokens, query: [String?] = [], position: (Item) -> String,
        json: (Item) -> JSONValue
    ) -> JSONObject {
        let shown = items.prefix(self.size)
        var result: JSONObject = [name: .array(shown.map(json))]
        if items.count > self.size, let last = shown.last {
            result["nextMarker"] = .string(pages.token(after: position(last), query: self.bound(query)))
        }
        return result
    }

    private func bound(_ query: [String?]) -> [String?] {
        [self.ascending ? "ascending" : "descending"] + query
    }
}

extension AgePage.Position {
    /// "MILLISECONDS KEY".
    var text: String { "\(self.created.milliseconds) \(self.key)" }

    init?(_ text: String) {
        guard let space = text.firstIndex(of: " "), let milliseconds = Int64(text[..<space]) else { return nil }
        self.init(created: Timestamp(milliseconds: milliseconds), key: String(text[text.index(after: space)...]))
    }
}

extension Timestamp {
    /// Seconds since 1970 with milliseconds after the point, as REST-JSON writes a timestamp.
    package var json: JSONValue { JSONValue(Double(self.milliseconds) / 1000) }
}
