internal import HTTPTypes

/// Tells the operations of S3 apart, whose paths are the same: `GET /bucket`, `GET /bucket?acl`, `GET /bucket?list-type=2`.
struct S3Routes: Sendable {
    static let shared = S3Routes(table: KnownOperations.s3Table)

    private enum Level: Sendable { case service, bucket, object }

    private struct Route: Sendable {
        let name: String
        let method: String
        let level: Level
        /// Parameters that the query must have; nil for any value.
        let query: [(name: String, value: String?)]
        let headers: [HTTPField.Name]

        var conditions: Int { self.query.count + self.headers.count }

        func matches(_ request: APIRequest, _ level: Level, _ items: [QueryItem]) -> Bool {
            self.method == request.method && self.level == level
                && self.query.allSatisfy { wanted in
                    items.contains { $0.name == wanted.name && (wanted.value == nil || $0.value == wanted.value) }
                }
                && self.headers.allSatisfy { request.headers[$0] != nil }
        }
    }

    /// Those with the most conditions first: the first that matches is meant.
    private let routes: [Route]

    init(table: String) {
        self.routes = table.split(separator: "\n").compactMap(Self.route).sorted { $0.conditions > $1.conditions }
    }

    private static func route(_ line: Substring) -> Route? {
        let fields = line.split(separator: " ")
        guard fields.count == 3 else { return nil }
        let parts = fields[1].split(separator: "?", maxSplits: 1)
        let level: Level = parts[0].contains("{Key+}") ? .object : parts[0].contains("{Bucket}") ? .bucket : .service
        let conditions = parts.count > 1 ? parts[1].split(separator: "&") : []
        let query = conditions.filter { !$0.hasPrefix("@") }.map { condition in
            let pair = condition.split(separator: "=", maxSplits: 1)
            return (name: String(pair[0]), value: pair.count > 1 ? String(pair[1]) : nil)
        }
        let headers = conditions.filter { $0.hasPrefix("@") }.compactMap { HTTPField.Name(String($0.dropFirst())) }
        return Route(name: String(fields[2]), method: String(fields[0]), level: level, query: query, headers: headers)
    }

    var names: [String] { self.routes.map(\.name) }

    /// The operation that a request names; its labels are `Bucket` and `Key`. Nil when S3 has none such.
    ///
    /// - Throws: InvalidURI for a path that is not text.
    func find(_ request: APIRequest) throws(AWSError) -> (name: String, labels: [String: String])? {
        let path = request.path.dropFirst()
        let bucket = path.prefix { $0 != "/" }
        // Slashes behind the first belong to the key, those at its start included.
        let key = path.dropFirst(bucket.count + 1)
        let level: Level = bucket.isEmpty ? .service : key.isEmpty ? .bucket : .object
        let items = QueryItem.parse(request.queryText)
        guard let route = self.routes.first(where: { $0.matches(request, level, items) }) else { return nil }
        guard let bucketText = PercentEncoding.decodeText(bucket), let keyText = PercentEncoding.decodeText(key) else {
            throw AWSError(name: "InvalidURI", status: 400, message: "The path of the request is not percent-encoded UTF-8.")
        }
        var labels: [String: String] = [:]
        if level != .service { labels["Bucket"] = bucketText }
        if level == .object { labels["Key"] = keyText }
        return (route.name, labels)
    }
}
