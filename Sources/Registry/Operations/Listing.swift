import AWSAPI
import JSON

/// How the registry's listings are paged: `maxResults` and `nextToken` (AWS IoT API). All are in alphabetical order.
struct TokenListing: Sendable {
    let size: Int
    let token: String?

    init(_ input: OperationInput) throws(AWSError) {
        self.size = try input.optionalInt("maxResults", in: .query, range: 1...RegistryLimits.pageSize) ?? RegistryLimits.defaultPageSize
        self.token = try input.optionalString("nextToken", in: .query)
    }

    /// Rows to read: one more than is shown tells whether there is a next page.
    var count: Int { self.size + 1 }

    /// What the page starts after. `query` are the parameters that the token is bound to.
    func position(_ pages: PageTokens, query: [String?]) throws(AWSError) -> String? {
        try pages.position(in: self.token, query: query)
    }

    /// At most `size` of `items` under `name`, and `nextToken` when there are more.
    func output<Item>(
        _ name: String, _ items: [Item], _ pages: PageTokens, query: [String?], position: (Item) -> String, json: (Item) -> JSONValue
    ) -> JSONObject {
        let shown = items.prefix(self.size)
        var result: JSONObject = [name: .array(shown.map(json))]
        if items.count > self.size, let last = shown.last {
            result["nextToken"] = .string(pages.token(after: position(last), query: query))
        }
        return result
    }
}
