import JSON
import Storage

/// One document of the embedded OpenSearch.
struct StoredDocument: Sendable {
    var index: String
    var id: String
    var type: String
    /// How often it was written.
    var version: Int64
    /// Rises with each write within its index.
    var sequence: Int64
    /// Milliseconds since 1970.
    var time: Int64
    /// A JSON object.
    var body: [UInt8]

    var record: TargetRecord {
        TargetRecord(
            position: self.sequence + 1, key: self.id, time: self.time,
            attributes: ["type": .string(self.type), "version": .int(self.version)], body: self.body)
    }
}

/// The tables of documents, inside one transaction.
struct DocumentTable {
    static let migration = Migration(
        room: "Targets", version: 32,
        statements: [
            // next: the sequence number of the next write. documents, bytes: of what is there.
            """
            CREATE TABLE target_index (name TEXT NOT NULL PRIMARY KEY, created_at BIGINT NOT NULL, next BIGINT NOT NULL, \
            documents BIGINT NOT NULL, bytes BIGINT NOT NULL)
            """,
            """
            CREATE TABLE target_document (idx TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, version BIGINT NOT NULL, \
            sequence BIGINT NOT NULL, at BIGINT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (idx, id))
            """,
            "CREATE INDEX target_document_sequence ON target_document (idx, sequence)",
        ])

    let connection: any StoreConnection
    let limits: TargetLimits

    // MARK: Indices

    func hasIndex(_ index: String) throws -> Bool {
        try self.connection.queryOne("SELECT 1 FROM target_index WHERE name = ?", [.text(index)]) != nil
    }

    /// - Throws: cluster_block_exception when there are as many as there may be.
    func createIndex(_ index: String, at time: Int64) throws {
        let count = try self.connection.queryOne("SELECT COUNT(*) FROM target_index")?.integer(0) ?? 0
        guard count < self.limits.maxTargets else { throw SearchError.full("indices") }
        try self.connection.execute(
            "INSERT INTO target_index (name, created_at, next, documents, bytes) VALUES (?, ?, 0, 0, 0)", [.text(index), .integer(time)])
    }

    /// - Returns: false when there was none.
    func deleteIndex(_ index: String) throws -> Bool {
        try self.connection.execute("DELETE FROM target_document WHERE idx = ?", [.text(index)])
        return try self.connection.execute("DELETE FROM target_index WHERE name = ?", [.text(index)]) > 0
    }

    func indices() throws -> [TargetSummary] {
        try self.connection.query("SELECT name, documents, bytes FROM target_index ORDER BY name").map { row in
            TargetSummary(name: try row.text(0), kind: "index", records: Int(try row.integer(1)), bytes: Int(try row.integer(2)))
        }
    }

    /// How many documents there are, and their bytes.
    private func size(_ index: String) throws -> (documents: Int64, bytes: Int64) {
        guard let row = try self.connection.queryOne("SELECT documents, bytes FROM target_index WHERE name = ?", [.text(index)]) else {
            return (0, 0)
        }
        return (try row.integer(0), try row.integer(1))
    }

    // MARK: Documents

    func find(_ id: String, in index: String) throws -> StoredDocument? {
        try self.connection.queryOne(Self.select + " WHERE idx = ? AND id = ?", [.text(index), .text(id)]).map(Self.document)
    }

    /// Writes a document, over the one that has its id, and gives it its version and sequence number. The index is there.
    ///
    /// - Throws: cluster_block_exception when the index has as many as it may.
    func put(_ document: StoredDocument) throws -> StoredDocument {
        let old = try self.find(document.id, in: document.index)
        let size = try self.size(document.index)
        let bytes = Int64(document.body.count - (old?.body.count ?? 0))
        guard old != nil || size.documents < self.limits.maxRecords, bytes <= 0 || size.bytes + bytes <= self.limits.maxRecordBytes else {
            throw SearchError.full("documents in [\(document.index)]")
        }
        var document = document
        document.version = (old?.version ?? 0) + 1
        document.sequence = try self.takeSequence(document.index, documents: old == nil ? 1 : 0, bytes: bytes)
        try self.connection.execute(
            """
            INSERT INTO target_document (idx, id, type, version, sequence, at, body) VALUES (?, ?, ?, ?, ?, ?, ?) \
            ON CONFLICT (idx, id) DO UPDATE SET type = excluded.type, version = excluded.version, sequence = excluded.sequence, \
            at = excluded.at, body = excluded.body
            """,
            [
                .text(document.index), .text(document.id), .text(document.type), .integer(document.version), .integer(document.sequence),
                .integer(document.time), .blob(document.body),
            ])
        return document
    }

    /// - Returns: the document that was there.
    func delete(_ id: String, in index: String) throws -> StoredDocument? {
        guard var document = try self.find(id, in: index) else { return nil }
        try self.connection.execute("DELETE FROM target_document WHERE idx = ? AND id = ?", [.text(index), .text(id)])
        document.version += 1
        document.sequence = try self.takeSequence(index, documents: -1, bytes: -Int64(document.body.count))
        return document
    }

    /// - Parameters:
    ///   - documents: by how much their number changes.
    ///   - bytes: by how much all their bytes change.
    private func takeSequence(_ index: String, documents: Int64, bytes: Int64) throws -> Int64 {
        try self.connection.execute(
            "UPDATE target_index SET next = next + 1, documents = documents + ?, bytes = bytes + ? WHERE name = ?",
            [.integer(documents), .integer(bytes), .text(index)])
        return (try self.connection.queryOne("SELECT next FROM target_index WHERE name = ?", [.text(index)])?.integer(0) ?? 1) - 1
    }

    /// The newest whose position is above `position`, the oldest of them first.
    func newest(in index: String, after position: Int64, limit: Int) throws -> [StoredDocument] {
        try self.connection.query(
            Self.select + " WHERE idx = ? AND sequence >= ? ORDER BY sequence DESC LIMIT ?",
            [.text(index), .integer(position), .integer(Int64(limit))]
        ).map(Self.document).reversed()
    }

    /// All in the order of their last writes.
    func forEach(in index: String, _ body: (StoredDocument) throws -> Void) throws {
        try self.connection.forEach(Self.select + " WHERE idx = ? ORDER BY sequence", [.text(index)]) { row in
            try body(try Self.document(row))
        }
    }

    private static let select = "SELECT idx, id, type, version, sequence, at, body FROM target_document"

    private static func document(_ row: StoreRow) throws -> StoredDocument {
        StoredDocument(
            index: try row.text(0), id: try row.text(1), type: try row.text(2), version: try row.integer(3),
            sequence: try row.integer(4), time: try row.integer(5), body: try row.blob(6))
    }
}
