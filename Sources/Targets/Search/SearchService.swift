import AWSAPI
import JSON
import Storage

/// The embedded OpenSearch: documents by index and id, durable, with no index over their fields.
///
/// Types are what they are in version 7: any name does, they are no part of a document's identity.
struct SearchService: EmbeddedTarget {
    let service = "es"
    let store: any Store
    let limits: TargetLimits
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int64

    init(_ targets: TargetsService) {
        self.store = targets.store
        self.limits = targets.limits
        self.clock = targets.clock
    }

    var operations: [any AWSOperation] {
        [
            PutDocument(search: self), PostDocument(search: self), IndexDocument(search: self), GetDocument(search: self),
            DeleteDocument(search: self), CountDocuments(search: self), CountDocumentsOf(search: self), SearchDocuments(search: self),
            SearchDocumentsOf(search: self), CreateIndex(search: self), DeleteIndex(search: self),
        ]
    }

    func table(_ connection: any StoreConnection) -> DocumentTable { DocumentTable(connection: connection, limits: self.limits) }

    // MARK: What is shown

    func contents() async throws -> [TargetSummary] {
        try await self.store.read { try self.table($0).indices() }
    }

    func records(of name: String, after position: Int64?, limit: Int) async throws -> [TargetRecord]? {
        try await self.store.read { connection in
            let table = self.table(connection)
            guard try table.hasIndex(name) else { return nil }
            return try table.newest(in: name, after: position ?? 0, limit: limit).map(\.record)
        }
    }

    func record(of name: String, key: String) async throws -> TargetRecord? {
        try await self.store.read { try self.table($0).find(key, in: name)?.record }
    }
}

/// Errors as a domain tells them.
enum SearchError {
    static func make(_ type: String, _ status: Int, _ reason: String) -> AWSError {
        AWSError(
            name: type, status: status, message: reason,
            extra: ["error": ["type": .string(type), "reason": .string(reason)], "status": JSONValue(status)])
    }

    static func noIndex(_ index: String) -> AWSError { Self.make("index_not_found_exception", 404, "no such index [\(index)]") }

    static func full(_ what: String) -> AWSError {
        Self.make("cluster_block_exception", 403, "there are as many \(what) as this server keeps; delete some")
    }
}

/// Names of indices and ids (Elasticsearch, "Create index": restrictions).
enum SearchName {
    static let maxIndexBytes = 255
    static let maxIDBytes = 512

    static func checkIndex(_ index: String) throws(AWSError) {
        // The paths of the service that makes domains begin like this.
        guard !["2015-01-01", "2021-01-01"].contains(index) else {
            throw SearchError.make(
                "illegal_argument_exception", 400,
                "Roost keeps documents; the operations of Amazon OpenSearch Service on domains are not offered.")
        }
        let isRight =
            !index.isEmpty && index.utf8.count <= Self.maxIndexBytes && index == index.lowercased() && ![".", ".."].contains(index)
            && !index.hasPrefix("-") && !index.hasPrefix("_") && !index.hasPrefix("+")
            && !index.contains { "\\/*?\"<>| ,#:".contains($0) }
        guard isRight else {
            throw SearchError.make("invalid_index_name_exception", 400, "Invalid index name [\(index.prefix(Self.maxIndexBytes))]")
        }
    }

    static func checkID(_ id: String) throws(AWSError) {
        guard (1...Self.maxIDBytes).contains(id.utf8.count) else {
            throw SearchError.make(
                "illegal_argument_exception", 400, "an id has 1 to \(Self.maxIDBytes) bytes; this one has \(id.utf8.count)")
        }
    }

    /// What begins with an underscore behind an index is a name of the API, not of a type.
    static func checkType(_ type: String) throws(AWSError) {
        guard !type.hasPrefix("_") || ["_doc", "_create"].contains(type) else {
            throw SearchError.make("illegal_argument_exception", 400, "the API [\(type)] is not offered by Roost")
        }
    }
}
