import Storage

/// The queries on device certificates. Each runs inside a transaction of the caller.
struct CertificateTable {
    let connection: any StoreConnection

    func find(_ id: String) throws -> CertificateRecord? {
        try self.connection.queryOne("SELECT \(CertificateRecord.columns) FROM identity_certificates WHERE id = ?", [.text(id)])
            .map(CertificateRecord.init)
    }

    func status(_ id: String) throws -> CertificateStatus? {
        try self.connection.queryOne("SELECT status FROM identity_certificates WHERE id = ?", [.text(id)])?.enumeration(0)
    }

    func insert(_ record: CertificateRecord) throws {
        try self.connection.execute(
            "INSERT INTO identity_certificates (\(CertificateRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                .text(record.id), .text(record.pem), .text(record.status.rawValue), .text(record.mode.rawValue), StoreValue(record.caID),
                .integer(record.notBefore.milliseconds), .integer(record.notAfter.milliseconds),
                .integer(record.created.milliseconds), .integer(record.modified.milliseconds),
                .integer(record.customerVersion), .text(record.generationID),
            ])
    }

    func setStatus(_ id: String, _ status: CertificateStatus, now: Timestamp) throws {
        try self.connection.execute(
            "UPDATE identity_certificates SET status = ?, modified_ms = ?, customer_version = customer_version + 1 WHERE id = ?",
            [.text(status.rawValue), .integer(now.milliseconds), .text(id)])
    }

    func delete(_ id: String) throws {
        try self.connection.execute("DELETE FROM identity_certificates WHERE id = ?", [.text(id)])
    }

    /// A page in the order of age; `caID` limits it to the certificates of one CA.
    func page(_ page: AgePage, caID: String?) throws -> [CertificateRecord] {
        let filter = caID == nil ? "" : "ca_id = ? AND "
        return try self.connection.query(
            "SELECT \(CertificateRecord.columns) FROM identity_certificates WHERE \(filter)\(page.condition(key: "id"))",
            (caID.map { [.text($0)] } ?? []) + page.values
        ).map(CertificateRecord.init)
    }
}

/// A page of rows in the order of `created_ms`, the key deciding between rows of one millisecond.
struct AgePage: Sendable {
    /// The last row of the page before.
    struct Position: Sendable, Hashable {
        var created: Timestamp
        var key: String
    }

    var ascending: Bool
    var after: Position?
    /// Rows to read; a listing reads one more than it shows, to know whether there is a next page.
    var count: Int

    /// The rest of a SELECT after WHERE; `key` is the name of the key column.
    func condition(key: String) -> String {
        let comparison = self.ascending ? ">" : "<"
        let direction = self.ascending ? "ASC" : "DESC"
        return "(created_ms, \(key)) \(comparison) (?, ?) ORDER BY created_ms \(direction), \(key) \(direction) LIMIT ?"
    }

    var values: [StoreValue] {
        // Before the first row there is no position: one that precedes (or, descending, follows) every row stands for it.
        let first = Position(created: Timestamp(milliseconds: self.ascending ? .min : .max), key: "")
        let position = self.after ?? first
        return [.integer(position.created.milliseconds), .text(position.key), StoreValue(self.count)]
    }
}
