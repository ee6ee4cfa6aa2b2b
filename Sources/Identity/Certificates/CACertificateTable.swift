import Storage

/// The queries on CA certificates. Each runs inside a transaction of the caller.
struct CACertificateTable {
    let connection: any StoreConnection

    func find(_ id: String) throws -> CACertificateRecord? {
        try self.connection.queryOne(
            "SELECT \(CACertificateRecord.columns) FROM identity_ca_certificates WHERE id = ?", [.text(id)]
        ).map(CACertificateRecord.init)
    }

    /// Never more than `IdentityLimits.certificateAuthoritiesPerSubject`.
    func find(subject: String) throws -> [CACertificateRecord] {
        try self.connection.query(
            "SELECT \(CACertificateRecord.columns) FROM identity_ca_certificates WHERE subject = ?", [.text(subject)]
        ).map(CACertificateRecord.init)
    }

    func insert(_ record: CACertificateRecord) throws {
        try self.connection.execute(
            """
            INSERT INTO identity_ca_certificates (\(CACertificateRecord.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                .text(record.id), .text(record.pem), .text(record.subject), .text(record.status.rawValue),
                .text(record.mode.rawValue), .text(record.autoRegistration.rawValue), StoreValue(record.registrationConfig),
                .integer(record.notBefore.milliseconds), .integer(record.notAfter.milliseconds),
                .integer(record.created.milliseconds), .integer(record.modified.milliseconds),
                .integer(record.customerVersion), .text(record.generationID),
            ])
    }

    /// Stores what can change of a CA certificate.
    func update(_ record: CACertificateRecord) throws {
        try self.connection.execute(
            """
            UPDATE identity_ca_certificates SET status = ?, auto_registration = ?, registration_config = ?, modified_ms = ?,
                customer_version = ? WHERE id = ?
            """,
            [
                .text(record.status.rawValue), .text(record.autoRegistration.rawValue), StoreValue(record.registrationConfig),
                .integer(record.modified.milliseconds), .integer(record.customerVersion), .text(record.id),
            ])
    }

    func delete(_ id: String) throws {
        try self.connection.execute("DELETE FROM identity_ca_certificates WHERE id = ?", [.text(id)])
    }

    func page(_ page: AgePage) throws -> [CACertificateRecord] {
        try self.connection.query(
            "SELECT \(CACertificateRecord.columns) FROM identity_ca_certificates WHERE \(page.condition(key: "id"))", page.values
        ).map(CACertificateRecord.init)
    }
}
