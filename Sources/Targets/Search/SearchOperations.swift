import AWSAPI
import JSON
import NIOCore
import Storage

/// What `_count` and `_search` take: all documents of an index, or those with a value in a field.
struct SearchInput: OperationDecodable {
    static let defaultSize = 10
    /// Of a page, `from` included; a domain's `index.max_result_window`.
    static let maxWindow = 10_000
    /// Bytes of the documents of a page. Past it the search is refused.
    static let maxPageBytes = 32 << 20

    let index: String
    let query: SearchQuery
    let size: Int
    let from: Int

    init(_ input: OperationInput) throws {
        self.index = try input.string("index", in: .label)
        try SearchName.checkIndex(self.index)
        let body = input.rawBody.readableBytes == 0 ? [:] : try input.bodyObject()
        if let name = body.map(\.key).first(where: { !["query", "size", "from"].contains($0) }) {
            throw SearchError.make("parsing_exception", 400, "[\(name)] is not supported by Roost: query, size and from are")
        }
        if let item = input.query.first(where: { !["size", "from", "pretty"].contains($0.name) }) {
            throw SearchError.make("illegal_argument_exception", 400, "the parameter [\(item.name)] is not supported by Roost")
        }
        self.query = try SearchQuery(body["query"])
        let size = try input.optionalInt("size") ?? input.optionalInt("size", in: .query)
        let from = try input.optionalInt("from") ?? input.optionalInt("from", in: .query)
        self.size = size ?? Self.defaultSize
        self.from = from ?? 0
        guard self.size >= 0, self.from >= 0, self.size <= Self.maxWindow, self.from <= Self.maxWindow - self.size else {
            throw SearchError.make(
                "illegal_argument_exception", 400, "from + size must be between 0 and \(Self.maxWindow)")
        }
    }
}

/// The two queries that are offered. There is no index: each looks at every document.
enum SearchQuery: Sendable, Equatable {
    case all
    /// A field, with dots between the names, that is this value or holds it in an array.
    case term(path: [String], value: JSONValue)

    init(_ query: JSONValue?) throws(AWSError) {
        guard let query else {
            self = .all
            return
        }
        guard case .object(let object) = query, object.count == 1, let clause = object.first(where: { _ in true }) else {
            throw SearchError.make("parsing_exception", 400, "[query] holds one clause")
        }
        switch clause.key {
        case "match_all":
            self = .all
        case "term":
            guard let fields = clause.value.objectValue, fields.count == 1, let field = fields.first(where: { _ in true }) else {
                throw SearchError.make("parsing_exception", 400, "[term] holds one field")
            }
            // The suffix names a field's exact form, which is the only one here.
            let name = field.key.hasSuffix(".keyword") ? String(field.key.dropLast(".keyword".count)) : field.key
            self = .term(path: name.split(separator: ".").map(String.init), value: field.value["value"] ?? field.value)
        default:
            throw SearchError.make(
                "parsing_exception", 400, "the query [\(clause.key)] is not supported by Roost: match_all and term are")
        }
    }

    func matches(_ document: JSONValue) -> Bool {
        guard case .term(let path, let value) = self else { return true }
        var found: JSONValue? = document
        for name in path { found = found?[name] }
        guard let found else { return false }
        return found == value || (found.arrayValue?.contains(value) ?? false)
    }
}

extension SearchService {
    func count(_ input: SearchInput) async throws -> JSONObject {
        let total = try await self.find(input).total
        return ["count": JSONValue(total), "_shards": ["total": 1, "successful": 1, "skipped": 0, "failed": 0]]
    }

    func search(_ input: SearchInput) async throws -> JSONObject {
        let (hits, total) = try await self.find(input)
        let described = try hits.map { document -> JSONValue in
            var hit = try Self.shown(document)
            hit["_score"] = 1.0
            return .object(hit)
        }
        return [
            "took": 0, "timed_out": false, "_shards": ["total": 1, "successful": 1, "skipped": 0, "failed": 0],
            "hits": [
                "total": ["value": JSONValue(total), "relation": "eq"], "max_score": described.isEmpty ? .null : 1.0,
                "hits": .array(described),
            ],
        ]
    }

    /// The page that is asked for, in the order of the documents' last writes, and how many match in all.
    private func find(_ input: SearchInput) async throws -> (hits: [StoredDocument], total: Int) {
        try await self.store.read { connection in
            let table = self.table(connection)
            guard try table.hasIndex(input.index) else { throw SearchError.noIndex(input.index) }
            var hits: [StoredDocument] = []
            var (total, bytes) = (0, 0)
            try table.forEach(in: input.index) { document in
                if input.query != .all {
                    let value = try JSONValue(parsing: document.body, limits: JSONLimits(maxBytes: document.body.count))
                    guard input.query.matches(value) else { return }
                }
                if total >= input.from, hits.count < input.size {
                    bytes += document.body.count
                    guard bytes <= SearchInput.maxPageBytes else {
                        throw SearchError.make(
                            "circuit_breaking_exception", 400, "the page has more than \(SearchInput.maxPageBytes) bytes: lower size")
                    }
                    hits.append(document)
                }
                total += 1
            }
            return (hits, total)
        }
    }
}

/// `GET /INDEX/_count`.
struct CountDocuments: AWSOperation {
    static let route = OperationRoute(.search, "Count", "GET", "/{index}/_count")
    let search: SearchService

    func handle(_ input: SearchInput, _ context: OperationContext) async throws -> JSONObject { try await self.search.count(input) }
}

/// `POST /INDEX/_count`: the same.
struct CountDocumentsOf: AWSOperation {
    static let route = OperationRoute(.search, "Count", "POST", "/{index}/_count")
    let search: SearchService

    func handle(_ input: SearchInput, _ context: OperationContext) async throws -> JSONObject { try await self.search.count(input) }
}

/// `GET /INDEX/_search`.
struct SearchDocuments: AWSOperation {
    static let route = OperationRoute(.search, "Search", "GET", "/{index}/_search")
    let search: SearchService

    func handle(_ input: SearchInput, _ context: OperationContext) async throws -> JSONObject { try await self.search.search(input) }
}

/// `POST /INDEX/_search`: the same.
struct SearchDocumentsOf: AWSOperation {
    static let route = OperationRoute(.search, "Search", "POST", "/{index}/_search")
    let search: SearchService

    func handle(_ input: SearchInput, _ context: OperationContext) async throws -> JSONObject { try await self.search.search(input) }
}

/// The index that a path names.
struct IndexInput: OperationDecodable {
    let index: String
    let hasBody: Bool

    init(_ input: OperationInput) throws {
        self.index = try input.string("index", in: .label)
        try SearchName.checkIndex(self.index)
        self.hasBody = try input.rawBody.readableBytes > 0 && !input.bodyObject().isEmpty
    }
}

/// `PUT /INDEX`. Mappings and settings are refused: nothing here heeds them.
struct CreateIndex: AWSOperation {
    static let route = OperationRoute(.search, "CreateIndex", "PUT", "/{index}")
    let search: SearchService

    func handle(_ input: IndexInput, _ context: OperationContext) async throws -> JSONObject {
        guard !input.hasBody else {
            throw SearchError.make("illegal_argument_exception", 400, "mappings, settings and aliases are not supported by Roost")
        }
        let now = self.search.clock()
        try await self.search.store.write { connection in
            let table = self.search.table(connection)
            guard try !table.hasIndex(input.index) else {
                throw SearchError.make("resource_already_exists_exception", 400, "index [\(input.index)] already exists")
            }
            try table.createIndex(input.index, at: now)
        }
        return ["acknowledged": true, "shards_acknowledged": true, "index": .string(input.index)]
    }
}

/// `DELETE /INDEX`.
struct DeleteIndex: AWSOperation {
    static let route = OperationRoute(.search, "DeleteIndex", "DELETE", "/{index}")
    let search: SearchService

    func handle(_ input: IndexInput, _ context: OperationContext) async throws -> JSONObject {
        guard try await self.search.store.write({ try self.search.table($0).deleteIndex(input.index) }) else {
            throw SearchError.noIndex(input.index)
        }
        return ["acknowledged": true]
    }
}
