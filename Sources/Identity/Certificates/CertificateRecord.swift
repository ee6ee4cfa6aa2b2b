import Storage

/// A registered device certificate as its table keeps it.
struct CertificateRecord: Sendable, Hashable {
    var id: String
    var pem: String
    var status: CertificateStatus
    var mode: CertificateMode
    /// The registered CA that signed it; nil for certificates made here or registered without a CA.
    var caID: String?
    var notBefore: Timestamp
    var notAfter: Timestamp
    var created: Timestamp
    var modified: Timestamp
    /// Rises by one with each change of status.
    var customerVersion: Int64
    var generationID: String

    static let columns =
        "id, pem, status, mode, ca_id, not_before_ms, not_after_ms, created_ms, modified_ms, customer_version, generation_id"

    init(
        _ certificate: ParsedCertificate, status: CertificateStatus, mode: CertificateMode, caID: String?, now: Timestamp,
        generationID: String
    ) {
        self.id = certificate.id
        self.pem = certificate.pem
        self.status = status
        self.mode = mode
        self.caID = caID
        self.notBefore = certificate.notBefore
        self.notAfter = certificate.notAfter
        self.created = now
        self.modified = now
        self.customerVersion = 1
        self.generationID = generationID
    }

    /// Reads a row of `columns`.
    init(_ row: StoreRow) throws {
        self.id = try row.text(0)
        self.pem = try row.text(1)
        self.status = try row.enumeration(2)
        self.mode = try row.enumeration(3)
        self.caID = try row.optionalText(4)
        self.notBefore = Timestamp(milliseconds: try row.integer(5))
        self.notAfter = Timestamp(milliseconds: try row.integer(6))
        self.created = Timestamp(milliseconds: try row.integer(7))
        self.modified = Timestamp(milliseconds: try row.integer(8))
        self.customerVersion = try row.integer(9)
        self.generationID = try row.text(10)
    }
}

extension StoreRow {
    /// A column that holds the raw value of an enumeration.
    func enumeration<Value: RawRepresentable>(_ column: Int) throws(StoreError) -> Value where Value.RawValue == String {
        let text = try self.text(column)
        guard let value = Value(rawValue: text) else {
            throw .corrupt(path: nil, what: "column \(column) of a row holds \"\(text)\", which is no \(Value.self)")
        }
        return value
    }
}
